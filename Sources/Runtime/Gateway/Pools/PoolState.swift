import Dispatching
import Time

/// What a pool's lock guards: the pool, and what it needs to speak to the world.
struct PoolState {
    /// An invocation's facts that the pool itself does not need.
    struct Entry: Sendable {
        var responder: Responder
        var arrived: Instant
        var status = 0
    }

    var pool: Pool
    var function: PoolFunction
    var metrics = PoolMetrics()
    var observer: (any PoolObserver)?
    var publisher: DemandPublisher
    /// When the timer that is set goes off.
    var timer: Instant?
    /// By the place of the worker's key.
    var workers: [WorkerLink?] = []
    /// By the place of the invocation's key.
    private var entries: [Entry?] = []

    init(_ function: PoolFunction, hub: ScalerHub) {
        pool = Pool(limits: function.limits)
        publisher = DemandPublisher(hub: hub)
        self.function = function
    }

    private static func index(_ id: InvocationID) -> Int { Int(id.raw & 0xFF_FFFF) }

    mutating func put(_ entry: Entry, _ id: InvocationID) {
        let index = Self.index(id)
        while entries.count <= index { entries.append(nil) }
        entries[index] = entry
    }

    func entry(_ id: InvocationID) -> Entry? {
        let index = Self.index(id)
        return index < entries.count ? entries[index] : nil
    }

    mutating func take(_ id: InvocationID) -> Entry? {
        let index = Self.index(id)
        guard index < entries.count else { return nil }
        defer { entries[index] = nil }
        return entries[index]
    }

    func link(_ worker: WorkerID) -> WorkerLink? {
        let index = Int(worker.raw & 0xFF_FFFF)
        return index < workers.count ? workers[index] : nil
    }

    mutating func changed(_ now: Instant) {
        observer?.demandChanged(pool.counts, now: now)
        publisher.changed(pool.counts, function, now: now)
    }

    /// The workers to ask for slots, and what to ask for.
    mutating func question(_ now: Instant) -> SlotQuestion? {
        let (workers, slots) = pool.workersToAsk(now: now)
        guard !workers.isEmpty else { return nil }
        return SlotQuestion(workers: workers.compactMap(link), slots: slots)
    }

    /// Workers that have a slot back they asked for while it was taken.
    mutating func reclaimed() -> [WorkerLink] {
        pool.takeReclaimed().compactMap(link)
    }

    /// A timer that must be set now, if the one that is set is not early enough.
    mutating func timerToArm() -> Instant? {
        let due = [pool.nextExpiry, pool.nextQuestion].compactMap { $0 }.min()
        guard let due else { return nil }
        if let timer, timer <= due { return nil }
        timer = due
        return due
    }

    mutating func respond(
        _ id: InvocationID,
        status: Int,
        isEnd: Bool,
        returnsSlot: Bool,
        now: Instant
    ) -> Responder? {
        let index = Self.index(id)
        guard index < entries.count, let entry = entries[index] else {
            if returnsSlot {
                pool.returnSlot(of: id, now: now)
                changed(now)
            }
            return nil
        }
        if isEnd {
            entries[index] = nil
            let status = status == 0 ? entry.status : status
            metrics.answered(status, after: now - entry.arrived)
            pool.finish(id, returnsSlot: returnsSlot, now: now)
            changed(now)
        } else {
            if status != 0 { entries[index]?.status = status }
            pool.commit(id)
        }
        return entry.responder
    }
}

/// Asks workers for slots that they have with other gateways.
struct SlotQuestion {
    let workers: [WorkerLink]
    let slots: Int

    func perform() {
        for worker in workers { worker.want(slots) }
    }
}
