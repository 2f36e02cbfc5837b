package import Time

/// A pool's workers and their slots: who takes the next invocation, who owes slots, and who goes first; pure.
///
/// Workers are filled in the order of their numbers, so that the last ones fall idle and can go.
package struct Roster: Sendable {
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

    /// Workers that are not leaving.
    package private(set) var ready = 0
    /// Workers that finish what they have.
    package private(set) var leaving = 0
    /// Slots of the ready workers, taken or free.
    package private(set) var slots = 0
    /// Slots that can take an invocation now.
    package private(set) var free = 0

    private var workers: [Worker?] = []
    private var generation: UInt8 = 0
    private var available = BitSet()
    private var reclaimed: [WorkerID] = []
    private var askedLast = 0

    package init() {}

    private func worker(_ id: WorkerID) -> Worker? {
        guard id.index < workers.count, let worker = workers[id.index], worker.key == id else { return nil }
        return worker
    }

    // MARK: Coming and going

    /// Takes a worker in, which has no slot until it offers some.
    package mutating func join(now: Instant) -> WorkerID {
        let index = workers.firstIndex { $0 == nil } ?? workers.count
        generation &+= 1
        let id = WorkerID(raw: UInt32(generation) << 24 | UInt32(index))
        let worker = Worker(key: id, idleSince: now)
        if index < workers.count { workers[index] = worker } else { workers.append(worker) }
        ready += 1
        return id
    }

    /// A worker gets no more invocations; what it has, it finishes.
    package mutating func leave(_ id: WorkerID) {
        guard var worker = worker(id), !worker.isLeaving else { return }
        worker.isLeaving = true
        ready -= 1
        leaving += 1
        free -= worker.free
        slots -= worker.free + worker.held
        worker.free = 0
        workers[id.index] = worker
        available.remove(id.index)
    }

    /// Has a worker leave that is to be killed; false for one that was to be already, or is gone.
    package mutating func doom(_ id: WorkerID) -> Bool {
        guard let worker = worker(id), !worker.isDoomed else { return false }
        workers[id.index]?.isDoomed = true
        leave(id)
        return true
    }

    /// Forgets a worker.
    ///
    /// - Returns: how many invocations it held; `nil` for one that is not known.
    package mutating func remove(_ id: WorkerID) -> Int? {
        guard let worker = worker(id) else { return nil }
        leave(id)
        workers[id.index] = nil
        while let last = workers.last, last == nil { workers.removeLast() }
        leaving -= 1
        return worker.held
    }

    // MARK: Slots

    /// The worker whose slot the next invocation takes.
    package var next: WorkerID? {
        guard let index = available.first else { return nil }
        return workers[index]?.key
    }

    /// A worker has room for `count` more invocations.
    package mutating func offer(_ count: Int, by id: WorkerID) {
        guard count > 0, var worker = worker(id), !worker.isLeaving else { return }
        worker.free += count
        workers[id.index] = worker
        slots += count
        free += count
        available.insert(id.index)
    }

    /// A free slot of a worker, which is ``next``, is taken.
    package mutating func occupy(_ id: WorkerID) {
        let index = id.index
        workers[index]?.free -= 1
        workers[index]?.held += 1
        free -= 1
        if workers[index]?.free == 0 { available.remove(index) }
    }

    /// A slot is free again, or back with its worker where that asked for it or leaves.
    package mutating func release(_ id: WorkerID, now: Instant) {
        guard id.index < workers.count, workers[id.index]?.key == id else { return }
        workers[id.index]?.held -= 1
        if workers[id.index]?.held == 0 { workers[id.index]?.idleSince = now }
        guard let worker = workers[id.index], !worker.isLeaving else { return }
        if worker.owed > 0 {
            workers[id.index]?.owed -= 1
            slots -= 1
            reclaimed.append(id)
            return
        }
        workers[id.index]?.free += 1
        free += 1
        available.insert(id.index)
    }

    // MARK: Slots shared with others

    /// A worker asks back `count` of the slots it offered.
    ///
    /// - Returns: how many were free, and are its own again; the others follow as they come free, see
    ///   ``takeReclaimed()``.
    package mutating func reclaim(_ count: Int, by id: WorkerID) -> Int {
        guard count > 0, var worker = worker(id), !worker.isLeaving else { return 0 }
        let now = min(count, worker.free)
        worker.free -= now
        // A slot that is asked back twice is given back once.
        worker.owed = min(worker.owed + count - now, worker.held)
        workers[id.index] = worker
        free -= now
        slots -= now
        if worker.free == 0 { available.remove(id.index) }
        return now
    }

    /// Workers who have a slot back that they reclaimed while it was taken; each as often as it has slots back.
    package mutating func takeReclaimed() -> [WorkerID] {
        guard !reclaimed.isEmpty else { return [] }
        defer { reclaimed.removeAll(keepingCapacity: true) }
        return reclaimed
    }

    /// Up to `most` workers to be asked for slots they have elsewhere, each in its turn.
    package mutating func ask(_ most: Int) -> [WorkerID] {
        var asked: [WorkerID] = []
        for step in 1...max(workers.count, 1) where asked.count < most && !workers.isEmpty {
            let index = (askedLast + step) % workers.count
            guard let worker = workers[index], !worker.isLeaving else { continue }
            asked.append(worker.key)
            if asked.count == most { askedLast = index }
        }
        return asked
    }

    // MARK: Who does what

    /// Every worker that is not leaving, with the invocations it holds.
    package var loads: [(worker: WorkerID, held: Int)] {
        workers.compactMap { $0 }.filter { !$0.isLeaving }.map { ($0.key, $0.held) }
    }

    /// Up to `count` workers that hold nothing, those with the highest numbers first.
    ///
    /// `since`: only workers that have been idle from then on.
    package func idle(_ count: Int, since: Instant? = nil) -> [WorkerID] {
        var idle: [WorkerID] = []
        for case .some(let worker) in workers.reversed() where idle.count < count {
            guard !worker.isLeaving, worker.held == 0 else { continue }
            if let since, worker.idleSince > since { continue }
            idle.append(worker.key)
        }
        return idle
    }

    /// Up to `count` ready workers in the order in which they should go: idle ones first, then those with the least to
    /// do.
    package func toRetire(_ count: Int) -> [WorkerID] {
        let ready = workers.compactMap { $0 }.filter { !$0.isLeaving }
        let order = ready.sorted { ($0.held, $1.key.index) < ($1.held, $0.key.index) }
        return order.prefix(count).map(\.key)
    }
}
