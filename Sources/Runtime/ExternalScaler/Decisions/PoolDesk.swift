import Scaling
import Time
import WorkerProtocol

/// What the scaler knows and decides of one function.
struct PoolDesk: Sendable {
    /// A pool's figures over all gateways.
    struct Total: Hashable, Sendable {
        var inFlight = 0
        var queued = 0
        var freeSlots = 0
        /// Each worker is connected to every gateway.
        var ready = 0
        var leaving = 0
        var arrivals: UInt64 = 0
    }

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
    private var figures: [String: PoolDemand] = [:]
    private(set) var total = Total()
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
    private var othersBy: [String: PoolClaim] = [:]
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
    var others: PoolClaim? {
        othersBy.values.reduce(nil) { sum, one in sum.map { $0.joined(with: one) } ?? one }
    }

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
        found.workers = Swift.max(found.workers, Swift.max(wanted, total.ready))
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
        tellDemand(now)
        tellWorkers(now)
    }

    // MARK: Other replicas

    /// What the others find together, as a gateway tells; `nil` where it knows of none.
    mutating func take(_ others: PoolClaim?, from gateway: String) { othersBy[gateway] = others }

    /// Has what this replica finds told anew, as somebody has not heard it.
    mutating func claimAgain() { claimed = nil }

    /// What the others have to hear, if anything.
    mutating func takeClaim() -> PoolClaim? {
        guard own != claimed else { return nil }
        claimed = own
        return own
    }

    // MARK: Figures

    mutating func take(_ demand: PoolDemand, of gateway: String, now: Instant) {
        let before = figures.updateValue(demand, forKey: gateway)
        recount(came: before.map { demand.arrivals > $0.arrivals } ?? false, now)
    }

    /// The gateway has this function no more.
    mutating func forget(_ gateway: String, now: Instant) {
        guard figures.removeValue(forKey: gateway) != nil else { return }
        recount(came: false, now)
    }

    /// The gateway is gone, with all it told.
    mutating func lose(_ gateway: String, now: Instant) {
        othersBy[gateway] = nil
        forget(gateway, now: now)
    }

    private mutating func recount(came: Bool, _ now: Instant) {
        let before = total
        total = figures.values.reduce(into: Total()) { sum, one in
            sum.inFlight += one.inFlight
            sum.queued += one.queued
            sum.freeSlots += one.freeSlots
            sum.ready = Swift.max(sum.ready, one.readyWorkers)
            sum.leaving = Swift.max(sum.leaving, one.leavingWorkers)
            sum.arrivals &+= one.arrivals
        }
        if came, before.inFlight == 0, total.inFlight == 0 {
            // It came and went between two messages, and needed a worker all the same.
            _ = scaler?.demandChanged(inFlight: 1, queued: 0, freeSlots: total.freeSlots, now: now)
        }
        tellDemand(now)
        if let missing, total.ready > missing.ready {
            let took = now - missing.since
            if took <= timing.longestStart { scaler?.startMeasured(took) }
            self.missing = nil
        }
        if total.ready != before.ready || total.leaving != before.leaving { tellWorkers(now) }
    }

    private mutating func tellDemand(_ now: Instant) {
        _ = scaler?.demandChanged(
            inFlight: total.inFlight,
            queued: Swift.min(total.queued, total.inFlight),
            freeSlots: total.freeSlots,
            now: now
        )
    }

    private mutating func tellWorkers(_ now: Instant) {
        let missing = Swift.max(0, (scaler?.decision.wanted ?? 0) - total.ready)
        scaler?.workersChanged(ready: total.ready, starting: missing, draining: total.leaving, now: now)
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
            if found.settled > now || found.until == nil { found.workers = Swift.max(found.workers, total.ready) }
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
        if wanted <= total.ready {
            missing = nil
        } else if missing == nil, found.map({ $0.settled <= now }) ?? true {
            missing = (now, total.ready)
        }
    }

    private mutating func announce(_ now: Instant) -> Bool? {
        guard isActive || isSettled(now) else { return nil }
        // The workers of the minimum are KEDA's own to see to.
        let isWaiting = isActive && total.ready == 0 && (total.inFlight > 0 || wanted > function.limits.min)
        let isDue = isWaiting && repeatAt.map { $0 <= now } ?? false
        if isDue || repeatAt == nil { repeatAt = now.advanced(by: timing.repetition) }
        if !isWaiting { repeatAt = nil }
        guard isActive != said || isDue else { return nil }
        said = isActive
        return isActive
    }
}
