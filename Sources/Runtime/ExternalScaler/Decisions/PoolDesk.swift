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
    private var figures: [String: PoolDemand] = [:]
    private(set) var total = Total()
    /// From when a gateway was seen, until none is.
    private var scaler: PoolScaler?
    private var found: Found?
    /// The workers wanted, as KEDA is told.
    private(set) var wanted = 0
    /// What was last said of activity.
    private var said: Bool?
    /// When to say it again.
    private var repeatAt: Instant?

    init(_ function: ScaledFunction, timing: ScalerTiming) {
        self.function = function
        self.timing = timing
    }

    /// Why so many are wanted; `nil` while no gateway is seen.
    var reason: ScaleReason? { scaler?.decision.reason }

    /// Whether it can be told that no worker is wanted: those that were there have had time to connect.
    func isSettled(_ now: Instant) -> Bool { found.map { $0.settled <= now } ?? true }

    mutating func replace(_ function: ScaledFunction, now: Instant) {
        guard function != self.function else { return }
        let isSame =
            function.agreedPolicy == self.function.agreedPolicy && function.concurrency == self.function.concurrency
        self.function = function
        guard scaler != nil else { return }
        if isSame {
            _ = scaler?.limitsChanged(function.limits, now: now)
            _ = scaler?.scheduleChanged(function.floors, now: now)
        } else {
            // It begins anew, and keeps what is there until it knows better.
            found = Found(workers: Swift.max(wanted, total.ready), settled: now)
            begin(now)
        }
    }

    /// Takes over what the schedule keeps from now on.
    mutating func schedule(_ floors: [ScheduledFloor], now: Instant) {
        function.floors = floors
        _ = scaler?.scheduleChanged(floors, now: now)
    }

    // MARK: Figures

    mutating func take(_ demand: PoolDemand, of gateway: String, now: Instant) {
        let before = figures.updateValue(demand, forKey: gateway)
        recount(came: before.map { demand.arrivals > $0.arrivals } ?? false, now)
    }

    mutating func forget(_ gateway: String, now: Instant) {
        guard figures.removeValue(forKey: gateway) != nil else { return }
        recount(came: false, now)
    }

    private mutating func recount(came: Bool, _ now: Instant) {
        let before = total
        total = figures.values.reduce(into: Total()) { sum, one in
            sum.inFlight += one.inFlight
            sum.queued += one.queued
            sum.freeSlots += one.freeSlots
            sum.ready = Swift.max(sum.ready, one.readyWorkers)
            sum.leaving = Swift.max(sum.leaving, one.leavingWorkers)
        }
        if came, before.inFlight == 0, total.inFlight == 0 {
            // It came and went between two messages, and needed a worker all the same.
            _ = scaler?.demandChanged(inFlight: 1, queued: 0, freeSlots: total.freeSlots, now: now)
        }
        tellDemand(now)
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

    private mutating func begin(_ now: Instant) {
        scaler = PoolScaler(
            limits: function.limits,
            concurrency: function.concurrency,
            policy: function.agreedPolicy,
            floors: function.floors,
            startTime: timing.start,
            now: now
        )
        tellDemand(now)
        tellWorkers(now)
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
            // It begins anew when a gateway is seen; what is wanted stays as it was.
            scaler = nil
            found = nil
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
        let asked = Swift.min(Swift.max(scaler?.decision.wanted ?? 0, found?.workers ?? 0), function.limits.max)
        // While a gateway is out of sight, what it has may be what the workers are for.
        wanted = isFull ? asked : Swift.max(wanted, asked)
    }

    private mutating func announce(_ now: Instant) -> Bool? {
        let isActive = wanted > 0
        guard isActive || isSettled(now) else { return nil }
        let isWaiting = isActive && total.ready == 0 && total.inFlight > 0
        let isDue = isWaiting && repeatAt.map { $0 <= now } ?? false
        if isDue || repeatAt == nil { repeatAt = now.advanced(by: timing.repetition) }
        if !isWaiting { repeatAt = nil }
        guard isActive != said || isDue else { return nil }
        said = isActive
        return isActive
    }
}
