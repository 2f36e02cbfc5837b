package import Scaling
package import Time

extension PoolScaler {
    /// Tells what all gateways together say of the pool now.
    ///
    /// - Parameters:
    ///   - totals: What they say.
    ///   - arrived: Invocations that came since they said it last.
    ///   - now: When.
    /// - Returns: A new decision, or `nil` where the last one still holds.
    package mutating func demandChanged(
        _ totals: DemandBook.Totals,
        arrived: Int,
        now: Instant
    ) -> ScaleDecision? {
        var decision: ScaleDecision?
        var arrived = arrived
        if arrived > 0, view.inFlight == 0, totals.inFlight == 0 {
            // They came and went between two messages, and needed a worker all the same.
            decision = demandChanged(inFlight: 1, queued: 0, freeSlots: totals.freeSlots, arrived: arrived, now: now)
            arrived = 0
        }
        return demandChanged(
            inFlight: totals.inFlight,
            queued: min(totals.queued, totals.inFlight),
            freeSlots: totals.freeSlots,
            arrived: arrived,
            now: now
        ) ?? decision
    }
}
