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
    private var minuteIndex = -1
    /// Requests of the minute under way: all of them, and those still to come.
    private var count = 0
    private var left = 0
    /// Nanoseconds of the minute that are over.
    private var passed = 0.0

    init(trace: FunctionTrace, placement: Placement, seed: UInt64) {
        self.trace = trace
        self.placement = placement
        random = RandomSource(seed: seed)
    }

    mutating func next() -> Request? {
        while left == 0 {
            minuteIndex += 1
            guard minuteIndex < trace.perMinute.count else {
                minuteIndex = trace.perMinute.count
                return nil
            }
            count = Int(trace.perMinute[minuteIndex])
            left = count
            passed = 0
        }
        switch placement {
        case .uniform:
            passed = (Double(count - left) + 0.5) / Double(count) * Double(Self.minute)
        case .poisson:
            // The least of n uniform numbers leaves of the rest a part that is distributed as the n-th root of one;
            // so sorted numbers come one by one, and a minute of any size needs no memory.
            let part = exponential(naturalLogarithm(random.positiveUnit()) / Double(left))
            passed += (Double(Self.minute) - passed) * (1 - part)
        }
        left -= 1
        let offset = Swift.min(Int64(passed), Self.minute - 1)
        return Request(
            arrival: Int64(minuteIndex) * Self.minute + offset,
            duration: trace.durations.sample(random.unit())
        )
    }
}
