package import Dispatching
import Logging
import NIOCore
import Synchronization
package import Time
import WorkerProtocol

/// One route's pool with its lock: asks the pool what happens next, and does it.
package final class PoolDriver: Sendable {
    /// What becomes of an arrival.
    enum Arrival {
        case dispatch(InvocationID, WorkerLink)
        case queued(InvocationID)
        case refused(Dispatching.Refusal)
    }

    /// The name of the pool's function.
    package let name: String
    let loop: any EventLoop
    private let state: Mutex<PoolState>
    private let hub: ScalerHub
    private let logger: Logger

    init(_ function: PoolFunction, hub: ScalerHub, loop: any EventLoop, logger: Logger) {
        name = function.name
        self.hub = hub
        self.loop = loop
        self.logger = logger
        state = Mutex(PoolState(function, hub: hub))
        state.withLock { state in
            state.publisher.schedule = { [weak self] instant in
                loop.scheduleTask(deadline: NIODeadline(instant)) { [weak self] in self?.demandIsDue() }
            }
        }
    }

    // MARK: Configuration

    /// What the pool runs.
    package var function: PoolFunction {
        state.withLock { $0.function }
    }

    /// Takes over a changed function.
    func update(_ function: PoolFunction) {
        state.withLock {
            $0.function = function
            $0.pool.update(function.limits)
        }
    }

    /// Names whoever makes this pool's workers.
    package func observe(_ observer: any PoolObserver) {
        state.withLock {
            $0.observer = observer
            observer.demandChanged($0.pool.counts, now: .now)
        }
    }

    /// Nobody makes this pool's workers any more.
    package func dismissObserver() {
        state.withLock { $0.observer = nil }
    }

    /// The pool's numbers.
    package var counts: PoolCounts {
        state.withLock { $0.pool.counts }
    }

    /// What the pool has counted.
    package var metrics: PoolMetrics {
        state.withLock { $0.metrics }
    }

    /// Counts for the demand log from now on.
    func countDemand() {
        state.withLock { if $0.demand == nil { $0.demand = DemandTally() } }
    }

    /// The demand since this was last asked; `nil` where there was none.
    func takeDemand() -> DemandFigures? {
        state.withLock { $0.takeDemand(now: .now) }
    }

    /// Whether nothing waits and no handler runs.
    package var isQuiet: Bool {
        state.withLock { $0.pool.isQuiet }
    }

    // MARK: Invocations

    func arrive(isRetryable: Bool, responder: Responder, now: Instant) -> Arrival {
        let (arrival, timer, question) = state.withLock { state -> (Arrival, Instant?, SlotQuestion?) in
            let isCold = state.pool.counts.ready == 0
            switch state.pool.arrive(isRetryable: isRetryable, now: now) {
            case .dispatch(let id, let worker):
                let entry = PoolState.Entry(responder: responder, arrived: now, began: now)
                state.demand?.admitted()
                guard let link = state.link(worker) else { return (.queued(id), nil, nil) }
                state.put(entry, id)
                state.metrics.handedOut(after: .zero)
                state.changed(now)
                return (.dispatch(id, link), state.timerToArm(), nil)
            case .queued(let id):
                state.put(PoolState.Entry(responder: responder, arrived: now), id)
                state.demand?.admitted()
                if isCold { state.metrics.coldStarts += 1 }
                state.changed(now)
                let question = state.question(now)
                return (.queued(id), state.timerToArm(), question)
            case .refused(let refusal):
                state.metrics.answered(503, after: .zero)
                state.changed(now)
                return (.refused(refusal), state.timerToArm(), nil)
            }
        }
        arm(timer)
        question?.perform()
        return arrival
    }

    /// The invocation was handed out but not sent to its worker.
    func withdraw(_ id: InvocationID) {
        let now = Instant.now
        let (next, reclaimed) = state.withLock { state -> (Handout?, [WorkerLink]) in
            _ = state.take(id)
            state.pool.withdraw(id, now: now)
            state.changed(now)
            return (handOut(&state, now), state.reclaimed())
        }
        for link in reclaimed { link.giveBack(1) }
        if let next { perform(next) }
    }

    /// The request of an invocation this worker has.
    func responder(of id: InvocationID, by worker: WorkerID) -> Responder? {
        state.withLock { state in
            state.pool.holds(worker, id) ? state.entry(id)?.responder : nil
        }
    }

    /// A worker's answer began, and is complete when `isEnd`; gives the request it belongs to.
    ///
    /// `status`: the response's status; 0 where it was said before.
    func responded(
        _ id: InvocationID,
        by worker: WorkerID,
        status: Int,
        isEnd: Bool,
        returnsSlot: Bool,
        now: Instant
    ) -> Responder? {
        let (responder, next, reclaimed) = state.withLock { state -> (Responder?, Handout?, [WorkerLink]) in
            guard state.pool.holds(worker, id) else { return (nil, nil, []) }
            let responder = state.respond(id, status: status, isEnd: isEnd, returnsSlot: returnsSlot, now: now)
            guard isEnd || returnsSlot else { return (responder, nil, []) }
            return (responder, handOut(&state, now), state.reclaimed())
        }
        for link in reclaimed { link.giveBack(1) }
        if let next { perform(next) }
        return responder
    }

    /// The client of this invocation went away.
    func cancel(_ id: InvocationID, now: Instant) {
        let (worker, timer) = state.withLock { state -> (WorkerLink?, Instant?) in
            let effect = state.pool.cancel(id, now: now)
            if case .nothing = effect { return (nil, nil) }
            if let entry = state.take(id) {
                // What the client never saw is counted as nginx does: 499.
                state.metrics.answered(499, after: now - entry.arrived)
                state.ended(entry, at: now)
            }
            state.changed(now)
            guard case .tell(let worker) = effect else { return (nil, nil) }
            return (state.link(worker), state.timerToArm())
        }
        worker?.cancel(id, .clientGone)
        arm(timer)
    }

    // MARK: Workers

    func join(_ link: WorkerLink) -> WorkerID {
        state.withLock { state in
            let id = state.pool.join(now: .now)
            let index = Int(id.raw & 0xFF_FFFF)
            while state.workers.count <= index { state.workers.append(nil) }
            state.workers[index] = link
            return id
        }
    }

    func offer(_ slots: Int, by worker: WorkerID) {
        let now = Instant.now
        let next = state.withLock { state in
            state.pool.offer(slots, by: worker)
            state.changed(now)
            return handOut(&state, now)
        }
        if let next { perform(next) }
    }

    /// The worker asks back slots; it has those that are free at once.
    func reclaim(_ slots: Int, by worker: WorkerID) {
        let (link, count, timer) = state.withLock { state -> (WorkerLink?, Int, Instant?) in
            let count = state.pool.reclaim(slots, by: worker)
            state.changed(.now)
            return (state.link(worker), count, state.timerToArm())
        }
        if count > 0 { link?.giveBack(count) }
        arm(timer)
    }

    /// How many invocations each worker holds.
    var loads: [WorkerLoads.Load] {
        state.withLock { state in
            state.pool.loads.compactMap { worker, held in
                state.link(worker).map { WorkerLoads.Load(workerID: $0.name, held: held) }
            }
        }
    }

    /// The worker gets nothing more.
    func leave(_ worker: WorkerID) {
        state.withLock { state in
            state.pool.leave(worker)
            state.changed(.now)
        }
    }

    func lose(_ worker: WorkerID, cause: String) {
        let now = Instant.now
        let (failed, next) = state.withLock { state -> ([Responder], Handout?) in
            var failed: [Responder] = []
            for loss in state.pool.lose(worker, now: now) {
                switch loss {
                case .failed(let id):
                    guard let entry = state.take(id) else { continue }
                    state.metrics.answered(502, after: now - entry.arrived)
                    state.ended(entry, at: now)
                    failed.append(entry.responder)
                case .retried:
                    state.metrics.retries += 1
                }
            }
            let index = Int(worker.raw & 0xFF_FFFF)
            if index < state.workers.count { state.workers[index] = nil }
            state.changed(now)
            return (failed, handOut(&state, now))
        }
        armAsNeeded()
        for responder in failed { responder.perform { $0.fail(.workerDied(cause)) } }
        if let next { perform(next) }
    }

    /// Has so many workers leave, idle ones first.
    ///
    /// Gives the names of those who do.
    package func retire(_ count: Int) -> [String] {
        let links = state.withLock { state -> [WorkerLink] in
            let links = state.pool.workersToRetire(count).compactMap { worker -> WorkerLink? in
                state.pool.leave(worker)
                return state.link(worker)
            }
            state.changed(.now)
            return links
        }
        for link in links { link.drain() }
        return links.map(\.name)
    }

    /// Has the worker of this name leave; false if it is not connected.
    package func drain(_ name: String) -> Bool {
        let link = state.withLock { $0.workers.lazy.compactMap { $0 }.first { $0.name == name } }
        link?.drain()
        return link != nil
    }

    /// No worker can be started: answers all who wait with the reason, and arrivals until `retryAt`.
    package func cannotStart(_ reason: String, retryAt: Instant) {
        let now = Instant.now
        refuse(.cannotStart(reason: reason, retryAfter: retryAt - now), now: now) {
            $0.cannotStart(reason, retryAt: retryAt)
        }
    }

    // MARK: Scalers

    /// Tells all scalers the pool's numbers, whether or not they changed.
    func tellDemand() -> PoolDemand {
        state.withLock { $0.publisher.tell($0.pool.counts, $0.function, now: .now) }
    }

    private func demandIsDue() {
        state.withLock { $0.publisher.fired($0.pool.counts, $0.function, now: .now) }
    }

    /// The scaler says whether workers can be started.
    ///
    /// With a failure that waiting does not mend, those who wait are answered 503.
    func heed(_ failure: PoolFailure?) {
        guard let failure, let retryAfter = failure.retryAfter else {
            return state.withLock { $0.pool.unblock() }
        }
        refuse(.cannotStart(reason: failure.message, retryAfter: retryAfter), now: .now) {
            $0.block(failure.message, retryAfter: retryAfter)
        }
    }

    /// Takes no more arrivals.
    func stop() {
        state.withLock { $0.pool.stop() }
    }

    /// Answers all who wait 503.
    func abandonQueue() {
        refuse(.stopping, now: .now) { $0.emptyQueue() }
    }

    private func refuse(_ why: Dispatching.Refusal, now: Instant, _ change: (inout Pool) -> [InvocationID]) {
        let refused = state.withLock { state -> [Responder] in
            let entries = change(&state.pool).compactMap { state.take($0) }
            for entry in entries { state.metrics.answered(503, after: now - entry.arrived) }
            state.changed(now)
            return entries.map(\.responder)
        }
        for responder in refused { responder.perform { $0.fail(.refused(why)) } }
    }

    var observer: (any PoolObserver)? {
        state.withLock { $0.observer }
    }

    // MARK: Time

    private func arm(_ timer: Instant?) {
        guard let timer else { return }
        loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(timer.nanoseconds, 0)))) { [weak self] in
            self?.timerFired()
        }
    }

    /// Sets the timer where something may have become due that it is not set for.
    private func armAsNeeded() {
        arm(state.withLock { $0.timerToArm() })
    }

    private func timerFired() {
        let now = Instant.now
        var starved: [Responder] = []
        var answers: [(Responder, WorkerLink?, InvocationID)] = []
        var doomed: [WorkerLink] = []
        var hasWorkers = true
        let (timer, next, question) = state.withLock { state -> (Instant?, Handout?, SlotQuestion?) in
            state.timer = nil
            // One that is connected may still be starting; its slots tell.
            hasWorkers = state.pool.counts.slots > 0
            for expiry in state.pool.expire(now: now) {
                switch expiry {
                case .queued(let id):
                    guard let entry = state.take(id) else { continue }
                    state.metrics.answered(504, after: now - entry.arrived)
                    answers.append((entry.responder, nil, id))
                case .starved(let id):
                    guard let entry = state.take(id) else { continue }
                    state.metrics.answered(503, after: now - entry.arrived)
                    starved.append(entry.responder)
                case .running(let id, let worker):
                    guard let entry = state.take(id) else { continue }
                    state.metrics.answered(504, after: now - entry.arrived)
                    state.ended(entry, at: now)
                    answers.append((entry.responder, state.link(worker), id))
                case .kill(let worker):
                    if let link = state.link(worker) { doomed.append(link) }
                }
            }
            state.changed(now)
            let question = state.question(now)
            return (state.timerToArm(), handOut(&state, now), question)
        }
        question?.perform()
        if !starved.isEmpty {
            let (reason, retryAfter) = hub.reasonForStarvation(name)
            let problem = GatewayProblem.noWorker(reason, retryAfter: retryAfter)
            for responder in starved { responder.perform { $0.fail(problem) } }
        }
        for (responder, worker, id) in answers {
            worker?.cancel(id, .deadline)
            let lateness: GatewayProblem.Lateness = worker != nil ? .noAnswer : hasWorkers ? .noSlot : .noWorker
            responder.perform { $0.fail(.deadlinePassed(lateness)) }
        }
        for link in doomed {
            logger.warning(
                "worker killed: its handler goes on after being cancelled",
                metadata: ["worker": "\(link.name)"]
            )
            if let observer { observer.workerMustEnd(link.name) } else { link.close() }
        }
        arm(timer)
        if let next { perform(next) }
    }

    // MARK: Handing out

    private func perform(_ first: Handout) {
        var next: Handout? = first
        while let handout = next {
            handout.perform()
            next = state.withLock { handOut(&$0, .now) }
        }
    }

    private func handOut(_ state: inout PoolState, _ now: Instant) -> Handout? {
        while let assignment = state.pool.nextAssignment(now: now) {
            guard let entry = state.entry(assignment.invocation), let link = state.link(assignment.worker) else {
                // Nobody is there to answer: the slot goes back.
                state.pool.withdraw(assignment.invocation, now: now)
                continue
            }
            state.metrics.handedOut(after: assignment.waited)
            state.began(assignment.invocation, at: now)
            return Handout(
                pool: self,
                id: assignment.invocation,
                worker: link,
                responder: entry.responder,
                isRetry: assignment.isRetry
            )
        }
        return nil
    }
}
