package import Time

/// From a moment on the schedule keeps at least so many workers, until the next step says otherwise.
package struct ScheduledFloor: Hashable, Sendable {
    package var at: Instant
    /// The fewest workers from then on; 0 where no window is open.
    package var min: Int

    package init(at: Instant, min: Int) {
        self.at = at
        self.min = Swift.max(0, min)
    }
}

/// The steps a pool's schedule takes, as its driver foresees them by the calendar.
struct FloorSchedule: Sendable {
    /// What the schedule keeps now.
    private(set) var min = 0
    private var coming: [ScheduledFloor] = []

    /// Takes over new steps, in the order of time; the last one that has come holds.
    mutating func replace(_ floors: [ScheduledFloor], now: Instant) {
        min = 0
        coming = floors.sorted { $0.at < $1.at }
        advance(to: now)
    }

    /// Takes the steps that have come; true if what is kept changed.
    @discardableResult
    mutating func advance(to now: Instant) -> Bool {
        let before = min
        while let step = coming.first, step.at <= now {
            min = step.min
            coming.removeFirst()
        }
        return min != before
    }

    /// The next step, if one is known.
    var next: ScheduledFloor? { coming.first }
}
