import Time

/// A pool's demand since its last line in the demand log; its size is bounded.
struct DemandTally: Sendable {
    /// Invocations admitted.
    private var invocations = 0
    /// How long those took that ended, from the slot to the response's end.
    private var durations = DurationQuantiles()
    private var longest: Int64 = 0
    private var last: DemandFigures?

    mutating func admitted() {
        invocations += 1
    }

    mutating func ended(after duration: Duration) {
        let nanoseconds = duration.wholeNanoseconds
        durations.record(nanoseconds)
        longest = max(longest, nanoseconds)
    }

    /// What goes into the log, and begins anew; `nil` where no invocation came.
    ///
    /// `running`: How long those under way have run. Where none has ended yet, that is the best that is known; where
    /// none ended since the last line, the figures of that line are.
    mutating func take(running: () -> [Duration]) -> DemandFigures? {
        guard invocations > 0 else { return nil }
        var isKnown = durations.count > 0
        if !isKnown, last == nil {
            for duration in running() { ended(after: duration) }
            isKnown = durations.count > 0
        }
        var figures =
            isKnown
            ? DemandFigures(
                average: durations.mean / 1e6,
                median: min(durations.quantile(0.5), Double(longest)) / 1e6,
                p99: min(durations.quantile(0.99), Double(longest)) / 1e6,
                longest: Double(longest) / 1e6
            )
            : last ?? DemandFigures()
        figures.invocations = invocations
        last = figures
        invocations = 0
        durations = DurationQuantiles()
        longest = 0
        return figures
    }
}

/// One line's figures: invocations, and their durations in milliseconds.
package struct DemandFigures: Hashable, Sendable {
    package var invocations = 0
    package var average = 0.0
    package var median = 0.0
    package var p99 = 0.0
    package var longest = 0.0
}
