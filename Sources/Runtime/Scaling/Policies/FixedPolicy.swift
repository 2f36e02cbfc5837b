import Time

/// Keeps a worker for a fixed time after it was last needed.
///
/// A *level* k is needed while more than (k - 1) × concurrency invocations are in flight. Because work is packed on the
/// fewest workers, a level is last needed no later than the one below it, so levels expire from the top.
struct FixedPolicy: ScalingPolicy {
    /// Used where the limits name no idle time, in nanoseconds.
    var keepAlive: Int64
    /// When each level was last needed; index 0 is level 1.
    private var lastNeeded: [Int64] = []
    /// Levels needed when last asked.
    private var needed = 0

    init(keepAlive: Int64) { self.keepAlive = keepAlive }

    mutating func decide(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer {
        let now = question.now
        let keep = question.idle ?? keepAlive
        let nowNeeded = Swift.min(question.needed, question.max)
        let reach = Swift.max(nowNeeded, Swift.max(needed, question.wanted))
        while lastNeeded.count < reach { lastNeeded.append(now) }
        // Levels that were needed until now, or are from now on.
        for level in 0..<Swift.max(needed, nowNeeded) { lastNeeded[level] = now }
        needed = nowNeeded

        var wanted = Swift.max(question.wanted, nowNeeded)
        while wanted > Swift.max(nowNeeded, question.min), lastNeeded[wanted - 1] &+ keep <= now { wanted -= 1 }

        let reason: ScaleReason
        if wanted < question.wanted {
            reason = .idle(level: wanted + 1, after: .nanoseconds(keep))
        } else if wanted > question.wanted {
            reason = .demand(inFlight: question.view.inFlight, concurrency: question.concurrency, headroom: 0)
        } else {
            reason = .steady(inFlight: question.view.inFlight)
        }
        let floor = Swift.max(nowNeeded, question.min)
        var planned: PlannedChange?
        if wanted > floor {
            let expiry = lastNeeded[wanted - 1] &+ keep
            var rest = wanted
            while rest > floor, lastNeeded[rest - 1] &+ keep <= expiry { rest -= 1 }
            planned = PlannedChange(wanted: rest, at: Instant(nanoseconds: expiry))
        }
        return PolicyAnswer(
            wanted: wanted,
            reason: reason,
            quiet: question.band(of: nowNeeded),
            nextCheck: planned?.at.nanoseconds,
            planned: planned
        )
    }
}
