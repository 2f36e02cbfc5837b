package import Time

/// How many workers a pool should have, why, and when to ask again if nothing happens before.
package struct ScaleDecision: Hashable, Sendable {
    /// Workers the pool should have, ready and starting together; those draining do not count.
    package var wanted: Int
    /// Why, with the figures the decision rests on.
    package var reason: ScaleReason
    /// When to call `timerFired`, unless a later decision says otherwise; `nil` where only demand can change anything.
    package var nextCheck: Instant?

    package init(wanted: Int, reason: ScaleReason, nextCheck: Instant?) {
        self.wanted = wanted
        self.reason = reason
        self.nextCheck = nextCheck
    }
}

/// One decision as it was made, with what was known then.
package struct DecisionRecord: Hashable, Sendable {
    /// When it was made.
    package var at: Instant
    /// Workers wanted before it.
    package var before: Int
    /// Workers wanted from then on.
    package var wanted: Int
    package var reason: ScaleReason
    /// What the pool looked like.
    package var inputs: PoolView
}
