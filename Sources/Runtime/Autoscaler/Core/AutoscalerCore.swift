package import GatewayDemand
import HeapModule
import Kubernetes
package import Scaling
package import Time
import WorkerProtocol

/// All of an autoscaler's decisions: demand, pods and leadership in, actions out; pure.
///
/// Its driver tells it what happens, carries out the actions and calls ``timerFired(now:)`` at ``nextTimer``.
package struct AutoscalerCore: Sendable {
    private struct Alarm: Comparable, Sendable {
        var at: Instant
        var function: String

        static func < (left: Alarm, right: Alarm) -> Bool { left.at < right.at }
    }

    package private(set) var book: DemandBook
    var pools: [String: ScaledPool] = [:]
    package private(set) var leads = false
    /// Whether Deployments and pods have been listed: before that, what is not known may still be there.
    package var knowsDeployments = false
    private var alarms = Heap<Alarm>()
    private var wasComplete = false
    private let wallClock: Duration

    /// `wallClock` is the time since the Unix epoch at `Instant.origin`.
    package init(grace: Duration = .seconds(10), wallClock: Duration) {
        book = DemandBook(grace: grace)
        self.wallClock = wallClock
    }

    /// When to call ``timerFired(now:)`` if nothing happens before.
    package var nextTimer: Instant? {
        [alarms.min?.at, book.nextExpiry].compactMap { $0 }.min()
    }

    // MARK: Functions

    /// Puts the manifest's functions in force; `saved` is what each had learned.
    package mutating func apply(
        _ functions: [ScaledFunction],
        saved: [String: [UInt8]] = [:],
        now: Instant
    ) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        let names = Set(functions.map(\.name))
        for name in pools.keys where !names.contains(name) {
            pools[name] = nil
            actions.append(.forget(function: name))
        }
        for function in functions {
            if var pool = pools[function.name] {
                pool.function = function
                // What was learned stays.
                let decision = pool.scaler.reconfigured(
                    limits: function.limits,
                    concurrency: function.concurrency,
                    policy: function.policy,
                    now: now
                )
                take(decision, &pool)
                take(pool.scaler.scheduleChanged(function.floors, now: now), &pool)
                pools[function.name] = pool
            } else {
                let pool = ScaledPool(function, saved: saved[function.name], wallClock: wallClock, now: now)
                if let warning = pool.scaler.stateWarning { actions.append(.warn("\(function.name): \(warning)")) }
                pools[function.name] = pool
            }
            actions += demandChanged(function.name, now)
        }
        return actions
    }

    /// Takes up what each pool's policy had learned, where it could not be read before, in place of what was learned since.
    package mutating func restore(_ saved: [String: [UInt8]], now: Instant) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        for (name, state) in saved {
            guard var pool = pools[name] else { continue }
            pool.begin(saved: state, wallClock: wallClock, now: now)
            if let warning = pool.scaler.stateWarning { actions.append(.warn("\(name): \(warning)")) }
            pools[name] = pool
            actions += demandChanged(name, now) + podsChanged(name, now)
        }
        return actions
    }

    /// What the schedules keep from now on, of the functions named.
    package mutating func schedule(_ floors: [String: [ScheduledFloor]], now: Instant) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        for (name, floors) in floors {
            guard var pool = pools[name] else { continue }
            take(pool.scaler.scheduleChanged(floors, now: now), &pool)
            actions += settle(name, &pool, now)
        }
        return actions
    }

    // MARK: Demand

    /// Takes up what the gateways told.
    package mutating func take(_ events: [DemandEvent], now: Instant) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        for event in events {
            for change in book.take(event, now: now) {
                actions += demandChanged(change.function, arrived: change.arrived, now)
            }
        }
        return actions + completenessMayHaveChanged(now)
    }

    private mutating func demandChanged(_ name: String, arrived: Int = 0, _ now: Instant) -> [AutoscalerAction] {
        guard var pool = pools[name] else { return [] }
        let totals = book.totals(of: name)
        take(pool.scaler.demandChanged(totals, arrived: arrived, now: now), &pool)
        if totals.readyWorkers != pool.ready { workersChanged(&pool, totals.readyWorkers, now) }
        return settle(name, &pool, now)
    }

    func workersChanged(_ pool: inout ScaledPool, _ ready: Int, _ now: Instant) {
        pool.ready = ready
        if let asked = pool.asked, ready > asked.ready {
            let took = now - asked.at
            pool.scaler.startMeasured(took)
            pool.starts += 1
            pool.startSeconds += took.inSeconds
            pool.asked = nil
        }
        let decision = pool.scaler.workersChanged(
            ready: ready,
            starting: max(0, pool.present - ready),
            draining: pool.terminating,
            now: now
        )
        take(decision, &pool)
    }

    private func take(_ decision: ScaleDecision?, _ pool: inout ScaledPool) {
        guard let decision else { return }
        if decision.wanted != pool.reconciler.wanted { pool.decisions[decision.reason.label, default: 0] += 1 }
        pool.reconciler.want(decision.wanted)
    }

    /// What was held back while demand was not fully known may now be done, or the other way round.
    private mutating func completenessMayHaveChanged(_ now: Instant) -> [AutoscalerAction] {
        guard book.isComplete != wasComplete else { return [] }
        wasComplete = book.isComplete
        return settleAll(now)
    }

    // MARK: What became of the actions

    package mutating func patched(
        _ function: String,
        replicas: Int,
        version: Int,
        now: Instant
    ) -> [AutoscalerAction] {
        guard var pool = pools[function] else { return [] }
        pool.reconciler.patched(replicas, version: version)
        return settle(function, &pool, now)
    }

    package mutating func patchFailed(_ function: String, isConflict: Bool, now: Instant) -> [AutoscalerAction] {
        guard var pool = pools[function] else { return [] }
        pool.reconciler.patchFailed(isConflict: isConflict, now: now)
        return settle(function, &pool, now)
    }

    package mutating func prepared(_ function: String, now: Instant) -> [AutoscalerAction] {
        guard var pool = pools[function] else { return [] }
        pool.reconciler.prepared()
        return settle(function, &pool, now)
    }

    // MARK: Leadership and time

    package mutating func leads(_ leads: Bool, now: Instant) -> [AutoscalerAction] {
        guard leads != self.leads else { return [] }
        self.leads = leads
        return settleAll(now)
    }

    package mutating func timerFired(now: Instant) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        for function in book.expire(now: now) { actions += demandChanged(function, now) }
        actions += completenessMayHaveChanged(now)
        while let alarm = alarms.min, alarm.at <= now {
            alarms.removeMin()
            guard var pool = pools[alarm.function], pool.queuedFor == alarm.at else { continue }
            pool.queuedFor = nil
            if let check = pool.scaler.decision.nextCheck, check <= now {
                take(pool.scaler.timerFired(now: now), &pool)
            }
            actions += settle(alarm.function, &pool, now)
        }
        return actions
    }

    private mutating func settleAll(_ now: Instant) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        for name in pools.keys {
            guard var pool = pools[name] else { continue }
            actions += settle(name, &pool, now)
        }
        return actions
    }

    /// Does what follows from a pool's state, arms its timer, and puts it back.
    mutating func settle(_ name: String, _ pool: inout ScaledPool, _ now: Instant) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        let ready = book.totals(of: name).readyWorkers
        let terms = PoolReconciler.Terms(
            leads: leads,
            mayShrink: book.isComplete && pool.trustsAbsenceFrom <= now,
            max: pool.function.limits.max
        )
        switch pool.reconciler.next(terms, now: now) {
        case .nothing: break
        case .patch(let replicas):
            if replicas > ready, pool.asked == nil { pool.asked = (now, ready) }
            if replicas <= ready { pool.asked = nil }
            actions.append(.patch(function: name, replicas: replicas))
        case .prepare(let count): actions.append(.prepare(function: name, removing: count))
        }
        actions += tell(&pool, ready)
        arm(name, &pool, now)
        pools[name] = pool
        return actions
    }

    private func tell(_ pool: inout ScaledPool, _ ready: Int) -> [AutoscalerAction] {
        var actions: [AutoscalerAction] = []
        let failure = knowsDeployments ? pool.failure(ready: ready) : nil
        let decision = pool.scaler.decision
        // A reason's words are made only where something else changed: most demand changes nothing here.
        if pool.told?.wanted != decision.wanted || pool.told?.pods != pool.pods.count || pool.told?.failure != failure {
            let status = PoolStatus(
                function: pool.function.name,
                wanted: decision.wanted,
                pods: pool.pods.count,
                reason: "\(decision.reason)",
                policy: pool.function.policy.name,
                failure: failure
            )
            pool.told = status
            actions.append(.report(status))
        }
        if leads, failure != pool.recorded {
            pool.recorded = failure
            if let failure, let reference = pool.deployment?.reference { actions.append(.record(reference, failure)) }
        }
        return actions
    }

    private mutating func arm(_ name: String, _ pool: inout ScaledPool, _ now: Instant) {
        // A check that is due already must come, though not within this very moment again; whatever else is past has
        // just been seen to.
        let check = pool.scaler.decision.nextCheck.map { max($0, now + .milliseconds(1)) }
        let times = [check, pool.reconciler.due, pool.trustsAbsenceFrom].compactMap { $0 }.filter { $0 > now }
        guard let due = times.min() else { return }
        if let queued = pool.queuedFor, queued <= due { return }
        pool.queuedFor = due
        alarms.insert(Alarm(at: due, function: name))
    }
}
