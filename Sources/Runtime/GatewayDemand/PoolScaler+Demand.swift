package import Scaling
package import Time

extension PoolScaler {
    /// Tells what all gateways together say of the pool now.
    ///
    /// - Parameters:
    ///   - totals: What they say.
    ///   - came: Whether an invocation came since they said it last.
    ///   - now: When.
    /// - Returns: A new decision, or `nil` where the last one still holds.
    package mutating func demandChanged(
        _ totals: DemandBook.Totals,
        came: Bool,
        now: Instant
    ) -> ScaleDecision? {
        var decision: ScaleDecision?
        if came, view.inFlight == 0, totals.inFlight == 0 {
            // It came and went between two messages, and needed a worker all the same.
            decision = demandChanged(inFlight: 1, queued: 0, freeSlots: totals.freeSlots, now: now)
        }
        return demandChanged(
            inFlight: totals.inFlight,
            queued: min(totals.queued, totals.inFlight),
            freeSlots: totals.freeSlots,
            now: now
        ) ?? decision
    }
}
