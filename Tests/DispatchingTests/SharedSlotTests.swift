import Dispatching
import Testing
import Time

/// Slots that a worker asks back, questions after slots it has elsewhere, and requests that give up early.
@Suite struct SharedSlotTests {
    private static let limits = PoolLimits(
        queue: 100,
        timeout: .seconds(10),
        starvation: .milliseconds(500),
        sharesWorkers: true
    )

    private func at(_ milliseconds: Int64) -> Instant { .origin + .seconds(10) + .milliseconds(milliseconds) }

    private func id(_ admission: Admission) -> InvocationID? {
        switch admission {
        case .dispatch(let id, _), .queued(let id): id
        case .refused: nil
        }
    }

    @Test func freeSlotsAreGivenBackAtOnceAndTakenOnesWhenTheyComeFree() throws {
        var pool = Pool(limits: Self.limits)
        let worker = pool.join(now: at(0))
        pool.offer(3, by: worker)
        let first = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        let second = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        #expect(pool.reclaim(2, by: worker) == 1)
        #expect(pool.counts.free == 0)
        #expect(pool.counts.slots == 2)
        #expect(pool.takeReclaimed().isEmpty)
        pool.finish(first, returnsSlot: true, now: at(1))
        #expect(pool.takeReclaimed() == [worker])
        #expect(pool.counts.free == 0 && pool.counts.slots == 1)
        pool.finish(second, returnsSlot: true, now: at(2))
        #expect(pool.takeReclaimed().isEmpty)
        #expect(pool.counts.free == 1 && pool.counts.slots == 1)
    }

    @Test func aReclaimedSlotGoesToNobodyWhoWaits() throws {
        var pool = Pool(limits: Self.limits)
        let worker = pool.join(now: at(0))
        pool.offer(1, by: worker)
        let running = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        _ = pool.arrive(isRetryable: true, now: at(0))
        #expect(pool.reclaim(1, by: worker) == 0)
        pool.finish(running, returnsSlot: true, now: at(1))
        #expect(pool.nextAssignment(now: at(1)) == nil)
        #expect(pool.takeReclaimed() == [worker])
        pool.offer(1, by: worker)
        #expect(pool.nextAssignment(now: at(2))?.worker == worker)
    }

    @Test func askingBackMoreThanThereIsGivesWhatThereIs() throws {
        var pool = Pool(limits: Self.limits)
        let worker = pool.join(now: at(0))
        pool.offer(2, by: worker)
        let running = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        #expect(pool.reclaim(100, by: worker) == 1)
        #expect(pool.reclaim(100, by: worker) == 0)
        pool.finish(running, returnsSlot: true, now: at(1))
        #expect(pool.takeReclaimed() == [worker])
        #expect(pool.counts.slots == 0 && pool.counts.free == 0)
        // Offered anew, a slot owes nothing.
        pool.offer(1, by: worker)
        #expect(pool.counts.free == 1)
    }

    @Test func workersAreAskedWhileSomeWaitAndNotTooOften() {
        var pool = Pool(limits: Self.limits)
        let worker = pool.join(now: at(0))
        #expect(pool.workersToAsk(now: at(0)).workers.isEmpty)
        _ = pool.arrive(isRetryable: true, now: at(0))
        _ = pool.arrive(isRetryable: true, now: at(0))
        let question = pool.workersToAsk(now: at(0))
        #expect(question.workers == [worker])
        #expect(question.slots == 2)
        #expect(pool.workersToAsk(now: at(1)).workers.isEmpty)
        #expect(pool.nextQuestion == at(0) + Pool.askInterval)
        #expect(pool.workersToAsk(now: at(0) + Pool.askInterval).workers == [worker])
        pool.offer(2, by: worker)
        while pool.nextAssignment(now: at(30)) != nil {}
        #expect(pool.nextQuestion == nil)
    }

    @Test func ofManyWorkersEachIsAskedInItsTurn() {
        var pool = Pool(limits: Self.limits)
        let workers = Set((0..<100).map { _ in pool.join(now: at(0)) })
        for _ in 0..<50 { _ = pool.arrive(isRetryable: true, now: at(0)) }
        var asked: Set<WorkerID> = []
        for turn in 0..<4 {
            let question = pool.workersToAsk(now: at(Int64(turn) * 100))
            #expect(question.workers.count == 32)
            asked.formUnion(question.workers)
        }
        #expect(asked == workers)
    }

    @Test func withoutAnyWorkerARequestGivesUpBeforeItsDeadline() throws {
        var pool = Pool(limits: Self.limits)
        let waiting = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        #expect(pool.nextExpiry == at(9_500))
        #expect(pool.expire(now: at(9_499)).isEmpty)
        #expect(pool.expire(now: at(9_500)) == [.starved(waiting)])
        #expect(pool.counts.queued == 0)
    }

    @Test func withAWorkerARequestWaitsToItsDeadline() throws {
        var pool = Pool(limits: Self.limits)
        _ = pool.join(now: at(0))
        let waiting = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        #expect(pool.expire(now: at(9_900)).isEmpty)
        #expect(pool.expire(now: at(10_000)) == [.queued(waiting)])
    }

    @Test func aFailureThatWaitingDoesNotMendAnswersAtOnceUntilItIsGone() throws {
        var pool = Pool(limits: Self.limits)
        let waiting = try #require(id(pool.arrive(isRetryable: true, now: at(0))))
        #expect(pool.block("no image", retryAfter: .seconds(5)) == [waiting])
        let refused = Refusal.cannotStart(reason: "no image", retryAfter: .seconds(5))
        #expect(pool.arrive(isRetryable: true, now: at(60_000)) == .refused(refused))
        #expect(pool.counts.arrivals == 2)
        // A worker that is there all the same gets its work.
        let worker = pool.join(now: at(60_001))
        pool.offer(1, by: worker)
        #expect(id(pool.arrive(isRetryable: true, now: at(60_001))) != nil)
        _ = pool.lose(worker, now: at(60_002))
        #expect(pool.arrive(isRetryable: true, now: at(60_003)) == .refused(refused))
        pool.unblock()
        #expect(id(pool.arrive(isRetryable: true, now: at(60_004))) != nil)
    }
}
