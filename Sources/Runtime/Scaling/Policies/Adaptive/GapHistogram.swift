/// How long a level was not needed, each time: a histogram on a logarithmic scale that slowly forgets.
struct GapHistogram: Sendable {
    /// Bins per doubling.
    private static let perOctave = 4
    /// Upper edge of the first bin, in seconds.
    private static let first = 0.125
    /// From an eighth of a second to nine hours.
    static let count = perOctave * 18 + 2
    /// All gaps are as likely as their logarithm's even spread says, with this weight in gaps.
    private static let prior = 0.5
    /// Each gap makes all earlier ones count less by one part in this many.
    private static let memory = 200.0

    /// Upper edges in seconds.
    static let edges: [Double] = (0..<count).map {
        first * exponential(naturalLogarithm(2) * Double($0) / Double(perOctave))
    }

    /// Weights times ``scale``: growing the scale ages all of them at once.
    private var scaled = [Double](repeating: 0, count: count)
    private var scale = 1.0
    private var total = 0.0

    private static func bin(_ seconds: Double) -> Int {
        if seconds < first { return 0 }
        let position = naturalLogarithm(seconds / first) * (Double(perOctave) / naturalLogarithm(2))
        return Swift.min(count - 1, Int(position) + 1)
    }

    mutating func add(_ seconds: Double) {
        let keep = 1 - 1 / Self.memory
        scale /= keep
        scaled[Self.bin(seconds)] += scale
        total = total * keep + 1
        if scale > 1e6 {
            for bin in scaled.indices { scaled[bin] /= scale }
            scale = 1
        }
    }

    /// The chance that a gap which has lasted `from` seconds ends by `to`.
    func chance(from: Double, to: Double) -> Double {
        let each = Self.prior / Double(Self.count)
        let all = total + Self.prior
        let firstBin = Self.bin(from)
        let lastBin = Self.bin(to)
        var sum = 0.0
        var before = 0.0
        for bin in 0...lastBin {
            let weight = scaled[bin] / scale + each
            let low = bin == 0 ? 0 : Self.edges[bin - 1]
            let width = Self.edges[bin] - low
            if bin == firstBin, from > 0 { before = sum + weight * Swift.min(1, (from - low) / width) }
            sum += bin == lastBin ? weight * Swift.min(1, (to - low) / width) : weight
        }
        return Cumulative.chance(before: before / all, after: sum / all)
    }

    /// The part of all gaps that end below each bin's lower edge, with one entry more for all.
    func cumulative() -> Cumulative {
        var sums = [Double](repeating: 0, count: Self.count + 1)
        let each = Self.prior / Double(Self.count)
        let all = total + Self.prior
        var sum = 0.0
        for bin in 0..<Self.count {
            sums[bin] = sum / all
            sum += scaled[bin] / scale + each
        }
        sums[Self.count] = 1
        return Cumulative(sums: sums)
    }

    /// The distribution function of a ``GapHistogram``.
    struct Cumulative {
        fileprivate var sums: [Double]

        /// The part of gaps that are at most this long.
        func below(_ seconds: Double) -> Double {
            if seconds <= 0 { return 0 }
            let bin = GapHistogram.bin(seconds)
            let low = bin == 0 ? 0 : GapHistogram.edges[bin - 1]
            let part = Swift.min(1, (seconds - low) / (GapHistogram.edges[bin] - low))
            return sums[bin] + (sums[bin + 1] - sums[bin]) * part
        }

        /// The chance that a gap ends within a span, from the parts of gaps below its begin and its end.
        static func chance(before: Double, after: Double) -> Double {
            let chance = (after - before) / Swift.max(1e-6, 1 - before)
            return Swift.min(Swift.max(chance, 0.0005), 0.9995)
        }
    }

    /// Weights as bytes, relative to the greatest, and the total.
    func encode(into bytes: inout [UInt8]) {
        let most = scaled.max() ?? 0
        for weight in scaled { bytes.append(most > 0 ? UInt8((weight / most * 255).rounded()) : 0) }
        bytes.append(number: total)
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        guard let weights = reader.take(Self.count),
            let total = reader.number(), (0...Self.memory + 1).contains(total)
        else { return nil }
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        guard sum > 0 || total < 0.01 else { return nil }
        self.total = total
        scaled = weights.map { sum > 0 ? Double($0) / sum * total : 0 }
    }

    init() {}
}
