/// How many requests a minute holds that has any, foretold from the last minutes that had some.
///
/// The count of the minute is one of the last counts again, or scattered around one of them as by a Poisson process, or
/// anything (a gamma distribution of rates). Requests fall anywhere in their minute, so how many have come by when tells
/// which of these it is (Bayes' rule), hence whether more are to come, and when the first of a minute comes.
struct CountForecast: Sendable {
    /// Parts of a minute told apart.
    static let parts = 12
    private static let kept = 8
    /// Each count tells less than the one after it by this factor.
    private static let fading = 0.8
    /// Counts beyond are as good as this one.
    private static let most = 2_000
    /// A count is scattered around its predecessor and this much more, so that one request is not all there ever is.
    private static let more = 0.3
    /// Each minute makes what was seen of repetition before count less by one part in twenty.
    private static let memory: Float = 0.95
    /// Shape, rate and weight of the gamma distribution that stands for anything.
    private static let anything = (shape: 0.5, rate: 0.1, weight: 0.5)

    /// Requests of the last minutes that had any, the latest first.
    private var counts: [UInt16] = []
    /// How often a count was one of the three before it, and out of how many.
    private var repeated: Float = 0
    private var seen: Float = 0

    init() {}

    /// A minute with requests is over.
    mutating func add(_ count: Int) {
        let count = UInt16(Swift.min(count, Self.most))
        if !counts.isEmpty {
            seen = seen * Self.memory + 1
            repeated = repeated * Self.memory + (counts.prefix(3).contains(count) ? 1 : 0)
        }
        if counts.count == Self.kept { counts.removeLast() }
        counts.insert(count, at: 0)
    }

    /// The chance that more requests come in a minute of which the part `elapsed` is over and which had `now` so far.
    func chanceOfMore(after now: Int, elapsed: Double) -> Double {
        let now = Swift.min(now, Self.most)
        let elapsed = Swift.min(Swift.max(elapsed, 0.001), 0.999)
        let left = 1 - elapsed
        let logElapsed = naturalLogarithm(elapsed)
        let logLeft = naturalLogarithm(left)
        let same = Double(repeated + 0.5) / Double(seen + 2)
        var all = 0.0
        var more = 0.0
        var weight = 1.0
        for known in counts {
            let count = Int(known)
            if count >= now {
                let choices = Self.logFactorials[count] - Self.logFactorials[now] - Self.logFactorials[count - now]
                let likelihood = exponential(choices + Double(now) * logElapsed + Double(count - now) * logLeft)
                all += weight * same * likelihood
                if count > now { more += weight * same * likelihood }
            }
            let mean = Double(count) + Self.more
            let so = Double(now) * naturalLogarithm(mean * elapsed) - mean * elapsed - Self.logFactorials[now]
            let likelihood = weight * (1 - same) * exponential(so)
            all += likelihood
            more += likelihood * (1 - exponential(-mean * left))
            weight *= Self.fading
        }
        let (shape, rate, share) = Self.anything
        let so =
            Self.logChoices[Swift.min(now, Self.logChoices.count - 1)]
            + shape * naturalLogarithm(rate / (rate + elapsed))
            + Double(now) * naturalLogarithm(elapsed / (rate + elapsed))
        let likelihood = share * exponential(so)
        let none = exponential((shape + Double(now)) * naturalLogarithm((rate + elapsed) / (rate + 1)))
        all += likelihood
        more += likelihood * (1 - none)
        return all > 1e-12 ? more / all : 0.9
    }

    /// How likely the first request of a minute that has any falls in each part of it; `nil` where nothing is known.
    ///
    /// Of n requests the first is late only if all are.
    var firstByPart: [Double]? {
        if counts.isEmpty { return nil }
        var shares = [Double](repeating: 0, count: Self.parts)
        var all = 0.0
        var weight = 1.0
        for count in counts {
            let row = Swift.min(Int(count), Self.mostShaped) * Self.parts
            for part in 0..<Self.parts { shares[part] += weight * Self.shapes[row + part] }
            all += weight
            weight *= Self.fading
        }
        for part in 0..<Self.parts { shares[part] /= all }
        return shares
    }

    private static let mostShaped = 63
    /// For each count, how likely its first request falls in each part.
    private static let shapes: [Double] = (0...mostShaped).flatMap { count in
        func none(by part: Int) -> Double {
            if part == parts { return 0 }
            return exponential(Double(Swift.max(1, count)) * naturalLogarithm(1 - Double(part) / Double(parts)))
        }
        return (0..<parts).map { none(by: $0) - none(by: $0 + 1) }
    }
    /// Logarithms of factorials.
    private static let logFactorials: [Double] = sums(most) { naturalLogarithm(Double($0)) }
    /// Logarithms of the gamma distribution's generalised binomial coefficients.
    private static let logChoices: [Double] = sums(200) {
        naturalLogarithm((anything.shape + Double($0 - 1)) / Double($0))
    }

    private static func sums(_ count: Int, _ term: (Int) -> Double) -> [Double] {
        var sums = [0.0]
        for index in 1...count { sums.append(sums[index - 1] + term(index)) }
        return sums
    }
}

extension CountForecast {
    func encode(into bytes: inout [UInt8]) {
        for index in 0..<Self.kept { bytes.append(integer: index < counts.count ? counts[index] : 0) }
        // Both are at most twenty.
        for value in [repeated, seen] { bytes.append(UInt8(Swift.min(255, (value * 12).rounded()))) }
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        for _ in 0..<Self.kept {
            guard let count = reader.integer(UInt16.self), count <= Self.most else { return nil }
            if count > 0 { counts.append(count) }
        }
        guard let repeated = reader.integer(UInt8.self), let seen = reader.integer(UInt8.self) else { return nil }
        self.seen = Float(seen) / 12
        self.repeated = Swift.min(Float(repeated) / 12, self.seen)
    }
}
