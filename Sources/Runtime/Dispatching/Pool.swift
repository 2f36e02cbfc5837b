import DequeModule
package import Time

/// One route's invocations and slots: who waits, who runs where, and what happens next.
///
/// A pure state machine. Its driver tells it what happened and does what it answers; after anything that may have
/// freed a slot it calls ``nextAssignment(now:)`` until that gives nothing. Invocations wait in the order of their
/// arrival; they are packed on the workers with the lowest numbers, so that the others fall idle and can go.
package struct Pool: Sendable {
    private enum Phase: Sendable {
        case queued
        case running(WorkerID)
        /// Answered already, but the handler still holds the slot.
        case abandoned(WorkerID)
    }

    private struct Invocation: Sendable {
        var phase: Phase
        var isRetryable: Bool
        var isRetry = false
        let arrived: Instant
        let deadline: Instant
    }

    private struct Worker: Sendable {
        var key: WorkerID
        var free = 0
        /// Invocations it holds, abandoned ones among them.
        var held = 0
        /// Slots it asked back that are taken still.
        var owed = 0
        var isLeaving = false
        /// When it last went from busy to idle, or joined.
        var idleSince: Instant
        var isDoomed = false
    }

    private struct Timer: Sendable {
        var at: Instant
        var invocation: UInt32
    }

    package private(set) var limits: PoolLimits
    package private(set) var counts = PoolCounts()

    private var invocations = Slab<Invocation>()
    private var workers: [Worker?] = []
    private var generation: UInt8 = 0
    private var available = BitSet()
    private var queue: Deque<UInt32> = []
    private var deadlines: Deque<Timer> = []
    private var graces: Deque<Timer> = []
    private var failure: (reason: String, retryAt: Instant)?
    private var blockade: (reason: String, retryAfter: Duration)?
    private var reclaimed: [WorkerID] = []
    private var nextAsk = Instant.origin
    private var askedLast = 0
    private var isStopping = false

    package init(limits: PoolLimits) {
        self.limits = limits
    }

    /// Takes over new limits; invocations under way keep the deadline they have.
    package mutating func update(_ limits: PoolLimits) {
        self.limits = limits
    }

    // MARK: Invocations

    /// A request arrived.
    ///
    /// `isRetryable`: it may be handed out a second time if its worker dies before answering.
    package mutating func arrive(isRetryable: Bool, now: Instant) -> Admission {
        counts.arrivals += 1
        if isStopping { return .refused(.stopping) }
        var invocation = Invocation(
            phase: .queued,
            isRetryable: isRetryable,
            arrived: now,
            deadline: now + limits.timeout
        )
        if counts.queued == 0, let index = available.first, let worker = workers[index]?.key {
            invocation.phase = .running(worker)
            let key = invocations.insert(invocation)
            occupy(index)
            counts.running += 1
            remember(key, until: invocation.deadline)
            return .dispatch(InvocationID(raw: key), worker)
        }
        if let failure, counts.ready == 0, now < failure.retryAt {
            return .refused(.cannotStart(reason: failure.reason, retryAfter: failure.retryAt - now))
        }
        if let blockade, counts.ready == 0 {
            return .refused(.cannotStart(reason: blockade.reason, retryAfter: blockade.retryAfter))
        }
        if counts.queued >= limits.queue { return .refused(.queueFull(limit: limits.queue)) }
        let key = invocations.insert(invocation)
        queue.append(key)
        counts.queued += 1
        remember(key, until: invocation.deadline)
        return .queued(InvocationID(raw: key))
    }

    /// The next waiting invocation with a slot for it; `nil` when nobody waits or no slot is free.
    package mutating func nextAssignment(now: Instant) -> Assignment? {
        while counts.queued > 0, let index = available.first, let worker = workers[index]?.key {
            guard let key = queue.popFirst() else { return nil }
            guard var invocation = invocations[key], case .queued = invocation.phase else { continue }
            invocation.phase = .running(worker)
            invocations[key] = invocation
            counts.queued -= 1
            counts.running += 1
            occupy(index)
            return Assignment(
                invocation: InvocationID(raw: key),
                worker: worker,
                waited: now - invocation.arrived,
                isRetry: invocation.isRetry
            )
        }
        return nil
    }

    /// From here on the invocation must not be handed out again: part of its response was sent, or its body is gone.
    package mutating func commit(_ id: InvocationID) {
        invocations[id.raw]?.isRetryable = false
    }

    /// The invocation's response is complete.
    ///
    /// `returnsSlot`: the handler ended as well; otherwise ``returnSlot(of:now:)`` follows.
    package mutating func finish(_ id: InvocationID, returnsSlot: Bool, now: Instant) {
        guard let invocation = invocations[id.raw], case .running(let worker) = invocation.phase else { return }
        counts.running -= 1
        if returnsSlot {
            invocations[id.raw] = nil
            release(worker, now: now)
        } else {
            abandon(id.raw, in: worker, now: now)
        }
    }

    /// A cancelled or answered invocation's handler ended.
    package mutating func returnSlot(of id: InvocationID, now: Instant) {
        guard let invocation = invocations[id.raw], case .abandoned(let worker) = invocation.phase else { return }
        counts.abandoned -= 1
        invocations[id.raw] = nil
        release(worker, now: now)
    }

    /// Whether this worker has the invocation's slot; nobody else may speak of it.
    package func holds(_ worker: WorkerID, _ id: InvocationID) -> Bool {
        switch invocations[id.raw]?.phase {
        case .running(let holder), .abandoned(let holder): holder == worker
        case .queued, nil: false
        }
    }

    /// The invocation was handed out and did not reach its worker, who has room for it still.
    package mutating func withdraw(_ id: InvocationID, now: Instant) {
        finish(id, returnsSlot: true, now: now)
        returnSlot(of: id, now: now)
    }

    /// Nobody waits for the invocation's response any more.
    package mutating func cancel(_ id: InvocationID, now: Instant) -> Cancellation {
        guard let invocation = invocations[id.raw] else { return .nothing }
        switch invocation.phase {
        case .queued:
            invocations[id.raw] = nil
            counts.queued -= 1
            trimQueue()
            return .dequeued
        case .running(let worker):
            counts.running -= 1
            abandon(id.raw, in: worker, now: now)
            return .tell(worker)
        case .abandoned:
            return .nothing
        }
    }

    // MARK: Workers

    /// A worker connected.
    ///
    /// It has no slot until it offers some.
    package mutating func join(now: Instant) -> WorkerID {
        let index = workers.firstIndex { $0 == nil } ?? workers.count
        generation &+= 1
        let id = WorkerID(raw: UInt32(generation) << 24 | UInt32(index))
        let worker = Worker(key: id, idleSince: now)
        if index < workers.count { workers[index] = worker } else { workers.append(worker) }
        counts.ready += 1
        failure = nil
        return id
    }

    /// A worker has room for `slots` more invocations.
    package mutating func offer(_ slots: Int, by id: WorkerID) {
        guard slots > 0, var worker = worker(id), !worker.isLeaving else { return }
        worker.free += slots
        workers[id.index] = worker
        counts.slots += slots
        counts.free += slots
        available.insert(id.index)
    }

    /// A worker gets no more invocations; what it has, it finishes.
    package mutating func leave(_ id: WorkerID) {
        guard var worker = worker(id), !worker.isLeaving else { return }
        worker.isLeaving = true
        counts.ready -= 1
        counts.leaving += 1
        counts.free -= worker.free
        counts.slots -= worker.free + worker.held
        worker.free = 0
        workers[id.index] = worker
        available.remove(id.index)
    }

    /// A worker's connection ended.
    package mutating func lose(_ id: WorkerID, now: Instant) -> [Loss] {
        guard let worker = worker(id) else { return [] }
        leave(id)
        workers[id.index] = nil
        while let last = workers.last, last == nil { workers.removeLast() }
        counts.leaving -= 1
        var losses: [Loss] = []
        var retried: [(arrived: Instant, key: UInt32)] = []
        for key in invocations.keys where worker.held > 0 {
            guard var invocation = invocations[key] else { continue }
            switch invocation.phase {
            case .running(let holder) where holder == id:
                break
            case .abandoned(let holder) where holder == id:
                counts.abandoned -= 1
                invocations[key] = nil
                continue
            default:
                continue
            }
            counts.running -= 1
            guard invocation.isRetryable, !invocation.isRetry, !isStopping || counts.ready > 0 else {
                invocations[key] = nil
                losses.append(.failed(InvocationID(raw: key)))
                continue
            }
            invocation.phase = .queued
            invocation.isRetry = true
            invocations[key] = invocation
            counts.queued += 1
            retried.append((invocation.arrived, key))
        }
        for (_, key) in retried.sorted(by: { $0.arrived > $1.arrived }) {
            queue.prepend(key)
            losses.append(.retried(InvocationID(raw: key)))
        }
        return losses
    }

    /// A worker could not be started.
    ///
    /// Without another one, those who wait are to be answered 503.
    ///
    /// `retryAt`: until then arrivals are refused with the reason rather than made to wait.
    /// - Returns: the invocations to answer.
    package mutating func cannotStart(_ reason: String, retryAt: Instant) -> [InvocationID] {
        guard counts.ready == 0 else { return [] }
        failure = (reason, retryAt)
        return emptyQueue()
    }

    /// Somebody who knows says that workers cannot be started: while none is ready, those who wait are to be answered
    /// 503, and arrivals are refused, until ``unblock()``.
    ///
    /// - Returns: the invocations to answer.
    package mutating func block(_ reason: String, retryAfter: Duration) -> [InvocationID] {
        blockade = (reason, retryAfter)
        return counts.ready == 0 ? emptyQueue() : []
    }

    /// Workers can be started again.
    package mutating func unblock() {
        blockade = nil
    }

    // MARK: Slots shared with other gateways

    /// A worker asks back `slots` of those it offered.
    ///
    /// - Returns: how many were free, and are its own again; the others follow as they come free, see
    ///   ``takeReclaimed()``.
    package mutating func reclaim(_ slots: Int, by id: WorkerID) -> Int {
        guard slots > 0, var worker = worker(id), !worker.isLeaving else { return 0 }
        let now = min(slots, worker.free)
        worker.free -= now
        // A slot that is asked back twice is given back once.
        worker.owed = min(worker.owed + slots - now, worker.held)
        workers[id.index] = worker
        counts.free -= now
        counts.slots -= now
        if worker.free == 0 { available.remove(id.index) }
        return now
    }

    /// Workers who have a slot back that they reclaimed while it was taken; each as often as it has slots back.
    package mutating func takeReclaimed() -> [WorkerID] {
        guard !reclaimed.isEmpty else { return [] }
        defer { reclaimed.removeAll(keepingCapacity: true) }
        return reclaimed
    }

    /// The workers to be asked for slots they have with other gateways, as some wait here and none is free; at most
    /// 32 at a time and not again within ``askInterval``, each in its turn.
    ///
    /// - Returns: the workers, and how many slots each may bring.
    package mutating func workersToAsk(now: Instant) -> (workers: [WorkerID], slots: Int) {
        guard isAsking, now >= nextAsk else { return ([], 0) }
        nextAsk = now + Self.askInterval
        var asked: [WorkerID] = []
        let most = min(counts.queued, 32)
        for step in 1...max(workers.count, 1) where asked.count < most && !workers.isEmpty {
            let index = (askedLast + step) % workers.count
            guard let worker = workers[index], !worker.isLeaving else { continue }
            asked.append(worker.key)
            if asked.count == most { askedLast = index }
        }
        guard !asked.isEmpty else { return ([], 0) }
        return (asked, (counts.queued + asked.count - 1) / asked.count)
    }

    /// When to ask again, as long as some wait for slots that others have.
    package var nextQuestion: Instant? { isAsking ? nextAsk : nil }

    /// How long workers have to answer a question before it is asked again.
    package static let askInterval = Duration.milliseconds(20)

    private var isAsking: Bool {
        limits.sharesWorkers && counts.queued > 0 && counts.free == 0 && counts.ready > 0
    }

    /// Every worker that is not leaving, with the invocations it holds.
    package var loads: [(worker: WorkerID, held: Int)] {
        workers.compactMap { $0 }.filter { !$0.isLeaving }.map { ($0.key, $0.held) }
    }

    // MARK: Idle workers

    /// Up to `count` workers that hold nothing, those with the highest numbers first.
    ///
    /// `since`: only workers that have been idle from then on.
    package func idleWorkers(_ count: Int, since: Instant? = nil) -> [WorkerID] {
        var idle: [WorkerID] = []
        for case .some(let worker) in workers.reversed() where idle.count < count {
            guard !worker.isLeaving, worker.held == 0 else { continue }
            if let since, worker.idleSince > since { continue }
            idle.append(worker.key)
        }
        return idle
    }

    /// The ready workers in the order in which they should go: idle ones first, then those with the least to do.
    package func workersToRetire(_ count: Int) -> [WorkerID] {
        let ready = workers.compactMap { $0 }.filter { !$0.isLeaving }
        let order = ready.sorted { ($0.held, $1.key.index) < ($1.held, $0.key.index) }
        return order.prefix(count).map(\.key)
    }

    // MARK: Time

    /// Does what is due.
    package mutating func expire(now: Instant) -> [Expiry] {
        var expiries: [Expiry] = []
        while let timer = deadlines.first, timer.at <= now || invocations[timer.invocation] == nil {
            deadlines.removeFirst()
            guard timer.at <= now, let invocation = invocations[timer.invocation] else { continue }
            let id = InvocationID(raw: timer.invocation)
            switch invocation.phase {
            case .queued:
                invocations[timer.invocation] = nil
                counts.queued -= 1
                expiries.append(.queued(id))
            case .running(let worker):
                counts.running -= 1
                abandon(timer.invocation, in: worker, now: now)
                expiries.append(.running(id, worker))
            case .abandoned:
                continue
            }
        }
        trimQueue()
        while let key = starving, let invocation = invocations[key], let due = starvation(of: invocation), due <= now {
            invocations[key] = nil
            counts.queued -= 1
            expiries.append(.starved(InvocationID(raw: key)))
            trimQueue()
        }
        while let timer = graces.first, timer.at <= now || invocations[timer.invocation] == nil {
            graces.removeFirst()
            guard timer.at <= now, let invocation = invocations[timer.invocation],
                case .abandoned(let id) = invocation.phase, var worker = worker(id), !worker.isDoomed
            else { continue }
            worker.isDoomed = true
            workers[id.index] = worker
            leave(id)
            expiries.append(.kill(id))
        }
        return expiries
    }

    /// When ``expire(now:)`` should be called next; an earlier call does no harm.
    package var nextExpiry: Instant? {
        let starved = starving.flatMap { invocations[$0] }.flatMap { starvation(of: $0) }
        let deadline = invocations.count == 0 ? nil : deadlines.first?.at
        return [deadline, graces.first?.at, starved].compactMap { $0 }.min()
    }

    /// Who waits first, while no worker is ready and that is a reason to give up early.
    private var starving: UInt32? {
        guard limits.starvation != nil, counts.queued > 0, counts.ready == 0 else { return nil }
        return queue.first { isQueued($0) }
    }

    private func starvation(of invocation: Invocation) -> Instant? {
        limits.starvation.map { invocation.deadline.advanced(by: .zero - $0) }
    }

    /// Takes no more arrivals; what waits or runs goes on.
    package mutating func stop() {
        isStopping = true
    }

    /// Forgets all that waits, to be answered 503.
    package mutating func emptyQueue() -> [InvocationID] {
        var removed: [InvocationID] = []
        for key in queue {
            guard let invocation = invocations[key], case .queued = invocation.phase else { continue }
            invocations[key] = nil
            removed.append(InvocationID(raw: key))
        }
        queue.removeAll()
        counts.queued = 0
        return removed
    }

    /// Whether nothing waits and no handler runs.
    package var isQuiet: Bool {
        invocations.count == 0
    }

    // MARK: Parts

    private func worker(_ id: WorkerID) -> Worker? {
        guard id.index < workers.count, let worker = workers[id.index], worker.key == id else { return nil }
        return worker
    }

    private mutating func occupy(_ index: Int) {
        workers[index]?.free -= 1
        workers[index]?.held += 1
        counts.free -= 1
        if workers[index]?.free == 0 { available.remove(index) }
    }

    private mutating func release(_ id: WorkerID, now: Instant) {
        guard id.index < workers.count, workers[id.index]?.key == id else { return }
        workers[id.index]?.held -= 1
        if workers[id.index]?.held == 0 { workers[id.index]?.idleSince = now }
        guard let worker = workers[id.index], !worker.isLeaving else { return }
        if worker.owed > 0 {
            workers[id.index]?.owed -= 1
            counts.slots -= 1
            reclaimed.append(id)
            return
        }
        workers[id.index]?.free += 1
        counts.free += 1
        available.insert(id.index)
    }

    private mutating func abandon(_ key: UInt32, in worker: WorkerID, now: Instant) {
        invocations[key]?.phase = .abandoned(worker)
        counts.abandoned += 1
        let timer = Timer(at: now + limits.grace, invocation: key)
        // The grace may have been changed by a reload; the order is kept all the same.
        graces.append(Timer(at: max(timer.at, graces.last?.at ?? timer.at), invocation: key))
    }

    private mutating func remember(_ key: UInt32, until deadline: Instant) {
        while let first = deadlines.first, invocations[first.invocation] == nil { deadlines.removeFirst() }
        deadlines.append(Timer(at: max(deadline, deadlines.last?.at ?? deadline), invocation: key))
    }

    /// Drops what was cancelled from the front, and everything once nobody waits.
    private mutating func trimQueue() {
        if counts.queued == 0 {
            queue.removeAll(keepingCapacity: queue.count <= 1024)
            return
        }
        while let key = queue.first, !isQueued(key) { queue.removeFirst() }
    }

    private func isQueued(_ key: UInt32) -> Bool {
        guard let invocation = invocations[key], case .queued = invocation.phase else { return false }
        return true
    }
}
