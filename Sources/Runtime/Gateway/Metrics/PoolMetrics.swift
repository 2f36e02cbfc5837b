import Time

/// How often a duration fell into which range.
package struct DurationHistogram: Sendable {
    /// The ranges' upper bounds in seconds; one range more has none.
    package static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    private static let limits: [Int64] = bounds.map { Int64($0 * 1e9) }

    /// Observations in each range, the one without bound last.
    package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    /// All durations together, in seconds.
    package var sum: Double { Double(nanoseconds) / 1e9 }

    private var nanoseconds: Int64 = 0

    package init() {}

    /// Counts a duration.
    package mutating func record(_ duration: Duration) {
        record(duration.wholeNanoseconds)
    }

    private mutating func record(_ duration: Int64) {
        var index = 0
        while index < Self.limits.count, duration > Self.limits[index] { index += 1 }
        counts[index] += 1
        nanoseconds &+= duration
    }
}

/// What a pool counts.
package struct PoolMetrics: Sendable {
    /// Answered requests by status.
    package private(set) var statuses: [Int: UInt64] = [:]
    /// From arrival to the response's end.
    package private(set) var durations = DurationHistogram()
    /// From arrival to a slot.
    package private(set) var waits = DurationHistogram()
    /// Invocations that waited for a worker to start.
    package var coldStarts: UInt64 = 0
    /// Invocations handed out a second time.
    package var retries: UInt64 = 0

    /// The most frequent status is counted apart, without a look-up.
    private var fine: UInt64 = 0

    mutating func answered(_ status: Int, after duration: Duration) {
        if status == 200 {
            fine += 1
        } else {
            statuses[status, default: 0] += 1
        }
        durations.record(duration)
    }

    mutating func handedOut(after wait: Duration) {
        waits.record(wait)
    }

    /// Answered requests by status, all of them.
    package var requests: [Int: UInt64] {
        fine == 0 ? statuses : statuses.merging([200: fine]) { $0 + $1 }
    }
}
