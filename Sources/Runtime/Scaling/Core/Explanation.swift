package import Time

/// Why a pool has the workers it has, and what is planned for it.
package struct Explanation: Sendable {
    /// The policy's name.
    package var policy: String
    package var limits: PoolLimits
    /// The fewest workers its schedule keeps now; 0 where no window is open.
    package var scheduledMin: Int
    /// The schedule's next step, if one is known.
    package var nextFloor: ScheduledFloor?
    /// Slots a worker has.
    package var concurrency: Int
    /// How long a worker takes to offer slots, as measured.
    package var startTime: Duration
    /// What the pool looked like when its driver last told.
    package var now: PoolView
    /// What holds.
    package var decision: ScaleDecision
    /// The next change of the wanted workers if demand stays as it is; `nil` where nothing will change by itself.
    package var planned: PlannedChange?
    /// The last decisions that changed the number of workers, oldest first, at most 32.
    package var history: [DecisionRecord]
}

/// A change that will be made if demand stays as it is.
package struct PlannedChange: Hashable, Sendable {
    package var wanted: Int
    package var at: Instant
    /// Why, where it is known beforehand.
    package var reason: ScaleReason?

    package init(wanted: Int, at: Instant, reason: ScaleReason? = nil) {
        self.wanted = wanted
        self.at = at
        self.reason = reason
    }
}
