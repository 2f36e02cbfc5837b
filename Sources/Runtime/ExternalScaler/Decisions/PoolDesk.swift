import GatewayDemand
import Scaling
import Time
import WorkerProtocol

/// What the scaler knows and decides of one function.
struct PoolDesk: Sendable {
    /// The workers there were when demand came in sight.
    ///
    /// What was needed before is not known, so they are kept for as long as the policy might have kept them.
    private struct Found: Sendable {
        var workers = 0
        /// Until when workers that were there already may still be connecting.
        var settled: Instant
        /// From when all gateways are seen.
        var until: Instant?
    }

    private(set) var function: ScaledFunction
    private let timing: ScalerTiming
    private let wallClock: Duration
    /// The pool's figures over all gateways.
    private(set) var total = DemandBook.Totals()
    /// From when a gateway was seen, until none is.
    private var scaler: PoolScaler?
    /// What the scaler knew before, while there is none.
    private var learned: [UInt8]?
    /// Why that was discarded, until somebody heard of it.
    private var warning: String?
    private var found: Found?
    /// What this replica finds by itself; `nil` while no gateway is seen.
    private(set) var own: PoolClaim?
    private var claimed: PoolClaim?
    /// What the other replicas find, by the gateway that told of it.
    private var othersBy: [GatewayName: PoolClaim] = [:]
    /// Whether any replica has seen enough to let workers go.
    private var isSure = false
    /// The workers wanted, as KEDA is told.
    private(set) var wanted = 0
    /// When workers began to be missing, and how many there were, to measure how long they take.
    private var missing: (since: Instant, ready: Int)?
    /// What was last said of activity.
    private var said: Bool?
    /// When to say it again.
    private var repeatAt: Instant?

    init(_ function: ScaledFunction, timing: ScalerTiming, wallClock: Duration) {
        self.function = function
        self.timing = timing
        self.wallClock = wallClock
    }

    /// Why this replica wants so many; `nil` while no gateway is seen.
    var reason: ScaleReason? { scaler?.decision.reason }

    /// How long a worker takes to start, as the policy reckons.
    var startTime: Duration { scaler?.measuredStart ?? timing.start }

    /// What the other replicas find together; `nil` where none is heard of.
    var others: PoolClaim? { PoolClaim.joined(othersBy.values) }

    /// Whether it can be told that no worker is wanted: those that were there have had time to connect.
    func isSettled(_ now: Instant) -> Bool { isSure || found.map { $0.settled <= now } ?? true }

    /// Whether the function should have workers at all.
    var isActive: Bool { wanted > 0 || total.inFlight > 0 }

    mutating func replace(_ function: ScaledFunction, now: Instant) {
        guard function != self.function else { return }
        if function.policy != self.function.policy || function.concurrency != self.function.concurrency {
            // By the new measure nothing was seen yet.
            found = keepingAll(now)
        }
        self.function = function
        _ = scaler?.reconfigured(
            limits: function.limits,
            concurrency: function.concurrency,
            policy: function.policy,
            now: now
        )
        _ = scaler?.scheduleChanged(function.floors, now: now)
    }

    /// Keeps the workers that are there or wanted until what they are for was seen.
    private func keepingAll(_ now: Instant) -> Found {
        var found = found ?? Found(settled: now)
        found.workers = Swift.max(found.workers, Swift.max(wanted, total.readyWorkers))
        return found
    }

    /// Takes over what the schedule keeps from now on.
    mutating func schedule(_ floors: [ScheduledFloor], now: Instant) {
        function.floors = floors
        _ = scaler?.scheduleChanged(floors, now: now)
    }

    // MARK: Learning

    /// What the policy has learned; empty for nothing.
    func learned(_ now: Instant) -> [UInt8] { scaler?.savedState(now: now) ?? learned ?? [] }

    /// Takes up what was learned before.
    mutating func restore(_ saved: [UInt8], now: Instant) {
        learned = saved
        guard scaler != nil else { return }
        found = keepingAll(now)
        begin(now)
    }

    /// Why what was learned was discarded, where that was not told yet.
    mutating func takeWarning() -> String? {
        defer { warning = nil }
        return warning
    }

    private mutating func begin(_ now: Instant) {
        scaler = PoolScaler(
            limits: function.limits,
            concurrency: function.concurrency,
            policy: function.policy,
            floors: function.floors,
            startTime: timing.start,
            wallClock: wallClock,
            saved: learned,
            now: now
        )
        learned = nil
        warning = scaler?.stateWarning
        _ = scaler?.demandChanged(total, arrived: 0, now: now)
        tellWorkers(now)
    }

    // MARK: Other replicas

    /// What the others find together, as a gateway tells; `nil` where it knows of none.
    mutating func take(_ others: PoolClaim?, from gateway: GatewayName) { othersBy[gateway] = others }

    /// Has what this replica finds told anew, as somebody has not heard it.
    mutating func claimAgain() { claimed = nil }

    /// What the others have to hear, if anything.
    mutating func takeClaim() -> PoolClaim? {
        guard own != claimed else { return nil }
        claimed = own
        return own
    }

    // MARK: Figures

    /// All gateways together say something else, or an invocation came.
    mutating func demandChanged(_ total: DemandBook.Totals, arrived: Int, now: Instant) {
        let before = self.total
        self.total = total
        _ = scaler?.demandChanged(total, arrived: arrived, now: now)
        if let missing, total.readyWorkers > missing.ready {
            let took = now - missing.since
            if took <= timing.longestStart { scaler?.startMeasured(took) }
            self.missing = nil
        }
        if total.readyWorkers != before.readyWorkers || total.leavingWorkers != before.leavingWorkers {
            tellWorkers(now)
        }
    }

    private mutating func tellWorkers(_ now: Instant) {
        let missing = Swift.max(0, (scaler?.decision.wanted ?? 0) - total.readyWorkers)
        scaler?.workersChanged(ready: total.readyWorkers, starting: missing, draining: total.leavingWorkers, now: now)
    }

    // MARK: Time

    /// When it must be settled again even if nothing happens.
    var nextCheck: Instant? {
        let settled = said == nil ? found?.settled : nil
        return [scaler?.decision.nextCheck, found?.until, settled, repeatAt].compactMap { $0 }.min()
    }

    /// Decides anew; gives what KEDA has to be told at once, if anything.
    mutating func settle(_ sight: Sight, now: Instant) -> Bool? {
        switch sight {
        case .none:
            // It goes on with what it learned when a gateway is seen; what is wanted stays as it was.
            if let scaler { learned = scaler.savedState(now: now) }
            scaler = nil
            found = nil
            own = nil
            claimed = nil
            isSure = false
            missing = nil
            said = nil
            repeatAt = nil
            return nil
        case .partial: decide(isFull: false, now)
        case .full: decide(isFull: true, now)
        }
        return announce(now)
    }

    private mutating func decide(isFull: Bool, _ now: Instant) {
        if scaler == nil {
            found = Found(settled: now.advanced(by: timing.settling))
            begin(now)
        }
        if var found {
            if found.settled > now || (found.until == nil && !isSure) {
                found.workers = Swift.max(found.workers, total.readyWorkers)
            }
            if isFull, found.until == nil {
                found.until = Swift.max(found.settled, now.advanced(by: function.limits.idle ?? timing.keep))
            }
            self.found = found.until.map { $0 <= now } ?? false ? nil : found
        }
        if let check = scaler?.decision.nextCheck, check <= now { _ = scaler?.timerFired(now: now) }
        let asked = Swift.min(scaler?.decision.wanted ?? 0, function.limits.max)
        var own = PoolClaim(function: function.name, wanted: asked, kept: found?.workers)
        // While a gateway is out of sight, what it has may be what the workers are for.
        if !isFull { own.kept = Swift.max(found?.workers ?? 0, wanted, asked) }
        self.own = own
        let all = others.map(own.joined) ?? own
        isSure = all.kept == nil
        wanted = Swift.min(Swift.max(all.wanted, all.kept ?? 0), function.limits.max)
        // Another knows what is needed of those that were found; should it be gone, that stands.
        if isSure { found?.workers = wanted }
        if wanted <= total.readyWorkers {
            missing = nil
        } else if missing == nil, found.map({ $0.settled <= now }) ?? true {
            missing = (now, total.readyWorkers)
        }
    }

    private mutating func announce(_ now: Instant) -> Bool? {
        guard isActive || isSettled(now) else { return nil }
        // The workers of the minimum are KEDA's own to see to.
        let isWaiting = isActive && total.readyWorkers == 0 && (total.inFlight > 0 || wanted > function.limits.min)
        let isDue = isWaiting && repeatAt.map { $0 <= now } ?? false
        if isDue || repeatAt == nil { repeatAt = now.advanced(by: timing.repetition) }
        if !isWaiting { repeatAt = nil }
        guard isActive != said || isDue else { return nil }
        said = isActive
        return isActive
    }
}
