/// Where in its minute a recorded request falls; the data do not say.
package enum Placement: String, CaseIterable, Sendable {
    /// Independently anywhere in its minute: a Poisson process of which only the counts are known.
    case poisson
    /// Evenly spaced over its minute, the first at half a space.
    case uniform
}

/// A function's requests in order of arrival, drawn from its trace.
///
/// The same seed gives the same requests to all.
struct Workload: Sendable {
    struct Request {
        /// Nanoseconds since the trace's begin.
        var arrival: Int64
        /// Nanoseconds it runs.
        var duration: Int64
    }

    static let minute: Int64 = 60_000_000_000

    private let trace: FunctionTrace
    private let placement: Placement
    private var random: RandomSource
    private var minuteIndex = 0
    private var times: [Int64] = []
    private var position = 0

    init(trace: FunctionTrace, placement: Placement, seed: UInt64) {
        self.trace = trace
        self.placement = placement
        random = RandomSource(seed: seed)
    }

    mutating func next() -> Request? {
        while position == times.count {
            guard minuteIndex < trace.perMinute.count else { return nil }
            draw(count: Int(trace.perMinute[minuteIndex]), begin: Int64(minuteIndex) * Self.minute)
            minuteIndex += 1
        }
        let arrival = times[position]
        position += 1
        return Request(arrival: arrival, duration: trace.durations.sample(random.unit()))
    }

    private mutating func draw(count: Int, begin: Int64) {
        times.removeAll(keepingCapacity: true)
        position = 0
        guard count > 0 else { return }
        switch placement {
        case .uniform:
            for index in 0..<count {
                times.append(begin + Int64((Double(index) + 0.5) / Double(count) * Double(Self.minute)))
            }
        case .poisson:
            // Sorted uniform numbers in one pass: partial sums of exponential spacings over their total.
            var sum = 0.0
            spacings.removeAll(keepingCapacity: true)
            for _ in 0..<count {
                sum -= naturalLogarithm(random.positiveUnit())
                spacings.append(sum)
            }
            sum -= naturalLogarithm(random.positiveUnit())
            let scale = Double(Self.minute) / sum
            for spacing in spacings { times.append(begin + Int64(spacing * scale)) }
        }
    }

    private var spacings: [Double] = []
}
