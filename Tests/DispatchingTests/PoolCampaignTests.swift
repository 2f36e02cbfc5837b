import Dispatching
import Randomness
import Testing
import Time

/// What a client of the pool believes; the pool must agree after every event.
private struct Model {
    var waiting: Set<InvocationID> = []
    var running: [InvocationID: WorkerID] = [:]
    var abandoned: [InvocationID: WorkerID] = [:]
    var slots: [WorkerID: Int] = [:]
    var leaving: Set<WorkerID> = []
    var answered = 0
    var taken = 0

    func held(by worker: WorkerID) -> Int {
        running.values.count { $0 == worker } + abandoned.values.count { $0 == worker }
    }
}

@Suite struct PoolCampaignTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func everyArrivalIsAnsweredOnceAndNoSlotIsUsedTwice(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var pool = Pool(limits: PoolLimits(queue: 20, timeout: .seconds(5), grace: .seconds(1)))
        var model = Model()
        var now = Instant.origin
        for _ in 0..<20_000 {
            now = now + .milliseconds(Int.random(in: 0...40, using: &random))
            step(&pool, &model, now, &random)
            while let assignment = pool.nextAssignment(now: now) {
                #expect(model.waiting.remove(assignment.invocation) != nil)
                model.running[assignment.invocation] = assignment.worker
                #expect(!model.leaving.contains(assignment.worker))
            }
            check(pool, model)
        }
        #expect(model.taken > 1_000)
        #expect(model.answered + model.waiting.count + model.running.count == model.taken)
    }

    private func check(_ pool: Pool, _ model: Model) {
        #expect(pool.counts.queued == model.waiting.count)
        #expect(pool.counts.running == model.running.count)
        #expect(pool.counts.abandoned == model.abandoned.count)
        #expect(pool.counts.ready == model.slots.count - model.leaving.count)
        for (worker, slots) in model.slots { #expect(model.held(by: worker) <= slots) }
        let free = model.slots.filter { !model.leaving.contains($0.key) }.reduce(0) {
            $0 + $1.value - model.held(by: $1.key)
        }
        #expect(pool.counts.free == free)
        #expect(free == 0 || model.waiting.isEmpty)
    }

    private func step(_ pool: inout Pool, _ model: inout Model, _ now: Instant, _ random: inout SeededRandom) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45:
            switch pool.arrive(isRetryable: Bool.random(using: &random), now: now) {
            case .dispatch(let id, let worker):
                model.taken += 1
                model.running[id] = worker
            case .queued(let id):
                model.taken += 1
                model.waiting.insert(id)
            case .refused:
                break
            }
        case 45..<70:
            guard let (id, worker) = model.running.min(by: { $0.key.raw < $1.key.raw }) else { return }
            let returnsSlot = Int.random(in: 0..<10, using: &random) > 0
            pool.finish(id, returnsSlot: returnsSlot, now: now)
            model.running[id] = nil
            model.answered += 1
            if !returnsSlot { model.abandoned[id] = worker }
        case 70..<78:
            guard let id = model.abandoned.keys.min(by: { $0.raw < $1.raw }) else { return }
            pool.returnSlot(of: id, now: now)
            model.abandoned[id] = nil
        case 78..<83:
            cancelSomething(&pool, &model, now, &random)
        case 83..<89:
            guard model.slots.count < 6 else { return }
            let worker = pool.join(now: now)
            let slots = Int.random(in: 1...4, using: &random)
            pool.offer(slots, by: worker)
            model.slots[worker] = slots
        case 89..<92:
            guard let worker = pool.workersToRetire(1).first else { return }
            pool.leave(worker)
            model.leaving.insert(worker)
        case 92..<96:
            guard let worker = model.slots.keys.min(by: { $0.raw < $1.raw }) else { return }
            lose(worker, &pool, &model, now)
        default:
            expire(&pool, &model, now)
        }
    }

    private func cancelSomething(
        _ pool: inout Pool,
        _ model: inout Model,
        _ now: Instant,
        _ random: inout SeededRandom
    ) {
        let all = (Array(model.waiting) + Array(model.running.keys)).sorted { $0.raw < $1.raw }
        guard let id = all.randomElement(using: &random) else { return }
        switch pool.cancel(id, now: now) {
        case .dequeued:
            #expect(model.waiting.remove(id) != nil)
        case .tell(let worker):
            #expect(model.running.removeValue(forKey: id) == worker)
            model.abandoned[id] = worker
        case .nothing:
            Issue.record("a live invocation was not cancelled")
        }
        model.answered += 1
    }

    private func lose(_ worker: WorkerID, _ pool: inout Pool, _ model: inout Model, _ now: Instant) {
        let held = Set(model.running.filter { $0.value == worker }.keys)
        var told: Set<InvocationID> = []
        for loss in pool.lose(worker, now: now) {
            switch loss {
            case .retried(let id):
                told.insert(id)
                model.running[id] = nil
                model.waiting.insert(id)
            case .failed(let id):
                told.insert(id)
                model.running[id] = nil
                model.answered += 1
            }
        }
        #expect(told == held)
        model.abandoned = model.abandoned.filter { $0.value != worker }
        model.slots[worker] = nil
        model.leaving.remove(worker)
    }

    private func expire(_ pool: inout Pool, _ model: inout Model, _ now: Instant) {
        for expiry in pool.expire(now: now) {
            switch expiry {
            case .queued(let id), .starved(let id):
                #expect(model.waiting.remove(id) != nil)
                model.answered += 1
            case .running(let id, let worker):
                #expect(model.running.removeValue(forKey: id) == worker)
                model.abandoned[id] = worker
                model.answered += 1
            case .kill(let worker):
                lose(worker, &pool, &model, now)
            }
        }
    }
}
