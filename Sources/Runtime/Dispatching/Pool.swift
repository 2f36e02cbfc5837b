import DequeModule
package import Time

/// One route's invocations and slots: who waits, who runs where, and what happens next.
///
/// A pure state machine. Its driver tells it what happened and does what it answers; after anything that may have
/// freed a slot it calls ``nextAssignment(now:)`` until that gives nothing. Invocations wait in the order of their
/// arrival; which worker's slot they take, the ``Roster`` says.
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

    private struct Timer: Sendable {
        var at: Instant
        var invocation: UInt32
    }

    package private(set) var limits: PoolLimits
    private var roster = Roster()
    private var running = 0
    private var queued = 0
    private var abandoned = 0
    private var arrivals: UInt64 = 0

    private var invocations = Slab<Invocation>()
    private var queue: Deque<UInt32> = []
    private var deadlines: Deque<Timer> = []
    private var graces: Deque<Timer> = []
    private var failure: (reason: String, retryAt: Instant)?
    private var blockade: (reason: String, retryAfter: Duration)?
    private var nextAsk = Instant.origin
    private var isStopping = false

    package init(limits: PoolLimits) {
        self.limits = limits
    }

    /// The state in numbers.
    package var counts: PoolCounts {
        var counts = PoolCounts()
        counts.ready = roster.ready
        counts.leaving = roster.leaving
        counts.slots = roster.slots
        counts.free = roster.free
        counts.running = running
        counts.queued = queued
        counts.abandoned = abandoned
        counts.arrivals = arrivals
        return counts
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
        arrivals += 1
        if isStopping { return .refused(.stopping) }
        var invocation = Invocation(
            phase: .queued,
            isRetryable: isRetryable,
            arrived: now,
            deadline: now + limits.timeout
        )
        if queued == 0, let worker = roster.next {
            invocation.phase = .running(worker)
            let key = invocations.insert(invocation)
            roster.occupy(worker)
            running += 1
            remember(key, until: invocation.deadline)
            return .dispatch(InvocationID(raw: key), worker)
        }
        if let failure, roster.ready == 0, now < failure.retryAt {
            return .refused(.cannotStart(reason: failure.reason, retryAfter: failure.retryAt - now))
        }
        if let blockade, roster.ready == 0 {
            return .refused(.cannotStart(reason: blockade.reason, retryAfter: blockade.retryAfter))
        }
        if queued >= limits.queue { return .refused(.queueFull(limit: limits.queue)) }
        let key = invocations.insert(invocation)
        queue.append(key)
        queued += 1
        remember(key, until: invocation.deadline)
        return .queued(InvocationID(raw: key))
    }

    /// The next waiting invocation with a slot for it; `nil` when nobody waits or no slot is free.
    package mutating func nextAssignment(now: Instant) -> Assignment? {
        while queued > 0, let worker = roster.next {
            guard let key = queue.popFirst() else { return nil }
            guard var invocation = invocations[key], case .queued = invocation.phase else { continue }
            invocation.phase = .running(worker)
            invocations[key] = invocation
            queued -= 1
            running += 1
            roster.occupy(worker)
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
        running -= 1
        if returnsSlot {
            invocations[id.raw] = nil
            roster.release(worker, now: now)
        } else {
            abandon(id.raw, in: worker, now: now)
        }
    }

    /// A cancelled or answered invocation's handler ended.
    package mutating func returnSlot(of id: InvocationID, now: Instant) {
        guard let invocation = invocations[id.raw], case .abandoned(let worker) = invocation.phase else { return }
        abandoned -= 1
        invocations[id.raw] = nil
        roster.release(worker, now: now)
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
            queued -= 1
            trimQueue()
            return .dequeued
        case .running(let worker):
            running -= 1
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
        failure = nil
        return roster.join(now: now)
    }

    /// A worker has room for `slots` more invocations.
    package mutating func offer(_ slots: Int, by id: WorkerID) {
        roster.offer(slots, by: id)
    }

    /// A worker gets no more invocations; what it has, it finishes.
    package mutating func leave(_ id: WorkerID) {
        roster.leave(id)
    }

    /// A worker's connection ended.
    package mutating func lose(_ id: WorkerID, now: Instant) -> [Loss] {
        guard let held = roster.remove(id) else { return [] }
        var losses: [Loss] = []
        var retried: [(arrived: Instant, key: UInt32)] = []
        for key in invocations.keys where held > 0 {
            guard var invocation = invocations[key] else { continue }
            switch invocation.phase {
            case .running(let holder) where holder == id:
                break
            case .abandoned(let holder) where holder == id:
                abandoned -= 1
                invocations[key] = nil
                continue
            default:
                continue
            }
            running -= 1
            guard invocation.isRetryable, !invocation.isRetry, !isStopping || roster.ready > 0 else {
                invocations[key] = nil
                losses.append(.failed(InvocationID(raw: key)))
                continue
            }
            invocation.phase = .queued
            invocation.isRetry = true
            invocations[key] = invocation
            queued += 1
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
        guard roster.ready == 0 else { return [] }
        failure = (reason, retryAt)
        return emptyQueue()
    }

    /// Somebody who knows says that workers cannot be started: while none is ready, those who wait are to be answered
    /// 503, and arrivals are refused, until ``unblock()``.
    ///
    /// - Returns: the invocations to answer.
    package mutating func block(_ reason: String, retryAfter: Duration) -> [InvocationID] {
        blockade = (reason, retryAfter)
        return roster.ready == 0 ? emptyQueue() : []
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
        roster.reclaim(slots, by: id)
    }

    /// Workers who have a slot back that they reclaimed while it was taken; each as often as it has slots back.
    package mutating func takeReclaimed() -> [WorkerID] {
        roster.takeReclaimed()
    }

    /// The workers to be asked for slots they have with other gateways, as some wait here and none is free; at most
    /// 32 at a time and not again within ``askInterval``, each in its turn.
    ///
    /// - Returns: the workers, and how many slots each may bring.
    package mutating func workersToAsk(now: Instant) -> (workers: [WorkerID], slots: Int) {
        guard isAsking, now >= nextAsk else { return ([], 0) }
        nextAsk = now + Self.askInterval
        let asked = roster.ask(min(queued, 32))
        guard !asked.isEmpty else { return ([], 0) }
        return (asked, (queued + asked.count - 1) / asked.count)
    }

    /// When to ask again, as long as some wait for slots that others have.
    package var nextQuestion: Instant? { isAsking ? nextAsk : nil }

    /// How long workers have to answer a question before it is asked again.
    package static let askInterval = Duration.milliseconds(20)

    private var isAsking: Bool {
        limits.sharesWorkers && queued > 0 && roster.free == 0 && roster.ready > 0
    }

    /// Every worker that is not leaving, with the invocations it holds.
    package var loads: [(worker: WorkerID, held: Int)] {
        roster.loads
    }

    // MARK: Idle workers

    /// Up to `count` workers that hold nothing, those with the highest numbers first.
    ///
    /// `since`: only workers that have been idle from then on.
    package func idleWorkers(_ count: Int, since: Instant? = nil) -> [WorkerID] {
        roster.idle(count, since: since)
    }

    /// The ready workers in the order in which they should go: idle ones first, then those with the least to do.
    package func workersToRetire(_ count: Int) -> [WorkerID] {
        roster.toRetire(count)
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
                queued -= 1
                expiries.append(.queued(id))
            case .running(let worker):
                running -= 1
                abandon(timer.invocation, in: worker, now: now)
                expiries.append(.running(id, worker))
            case .abandoned:
                continue
            }
        }
        trimQueue()
        while let key = starving, let invocation = invocations[key], let due = starvation(of: invocation), due <= now {
            invocations[key] = nil
            queued -= 1
            expiries.append(.starved(InvocationID(raw: key)))
            trimQueue()
        }
        while let timer = graces.first, timer.at <= now || invocations[timer.invocation] == nil {
            graces.removeFirst()
            guard timer.at <= now, let invocation = invocations[timer.invocation],
                case .abandoned(let id) = invocation.phase, roster.doom(id)
            else { continue }
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
        guard limits.starvation != nil, queued > 0, roster.ready == 0 else { return nil }
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
        queued = 0
        return removed
    }

    /// Whether nothing waits and no handler runs.
    package var isQuiet: Bool {
        invocations.count == 0
    }

    // MARK: Parts

    private mutating func abandon(_ key: UInt32, in worker: WorkerID, now: Instant) {
        invocations[key]?.phase = .abandoned(worker)
        abandoned += 1
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
        if queued == 0 {
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
