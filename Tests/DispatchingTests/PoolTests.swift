import Dispatching
import Testing
import Time

/// A pool under a clock moved by hand.
private struct Bench {
    var pool: Pool
    var now = Instant.origin

    init(queue: Int = 100, timeout: Duration = .seconds(10), grace: Duration = .seconds(2)) {
        pool = Pool(limits: PoolLimits(queue: queue, timeout: timeout, grace: grace))
    }

    mutating func worker(slots: Int) -> WorkerID {
        let worker = pool.join(now: now)
        pool.offer(slots, by: worker)
        return worker
    }

    mutating func arrive(retryable: Bool = true) -> Admission {
        pool.arrive(isRetryable: retryable, now: now)
    }

    mutating func arriveID(retryable: Bool = true) throws -> InvocationID {
        switch arrive(retryable: retryable) {
        case .dispatch(let id, _), .queued(let id): id
        case .refused(let refusal): throw Unexpected(text: "\(refusal)")
        }
    }

    mutating func next() -> Assignment? { pool.nextAssignment(now: now) }
    mutating func finish(_ id: InvocationID) { pool.finish(id, returnsSlot: true, now: now) }
    mutating func wait(_ duration: Duration) { now = now + duration }
}

private struct Unexpected: Error {
    var text: String
}

@Suite struct PoolTests {
    @Test func aFreeSlotTakesAnArrivalAtOnce() throws {
        var bench = Bench()
        let worker = bench.worker(slots: 1)
        guard case .dispatch(_, let chosen) = bench.arrive() else { throw Unexpected(text: "not dispatched") }
        #expect(chosen == worker)
        #expect(bench.pool.counts.running == 1)
        #expect(bench.pool.counts.free == 0)
    }

    @Test func withoutAWorkerAnArrivalWaitsAndIsHandedOutInOrder() throws {
        var bench = Bench()
        let first = try bench.arriveID()
        let second = try bench.arriveID()
        #expect(bench.next() == nil)
        bench.wait(.milliseconds(3))
        let worker = bench.worker(slots: 1)
        #expect(
            bench.next()
                == Assignment(invocation: first, worker: worker, waited: .milliseconds(3), isRetry: false)
        )
        #expect(bench.next() == nil)
        bench.finish(first)
        #expect(bench.next()?.invocation == second)
    }

    @Test func anArrivalDoesNotOvertakeThoseWhoWait() throws {
        var bench = Bench()
        let first = try bench.arriveID()
        _ = bench.worker(slots: 2)
        guard case .queued(let second) = bench.arrive() else { throw Unexpected(text: "overtook") }
        #expect(bench.next()?.invocation == first)
        #expect(bench.next()?.invocation == second)
    }

    @Test func theQueueIsBounded() throws {
        var bench = Bench(queue: 2)
        _ = try bench.arriveID()
        _ = try bench.arriveID()
        #expect(bench.arrive() == .refused(.queueFull(limit: 2)))
        #expect(bench.pool.counts.arrivals == 3)
        #expect(bench.pool.counts.queued == 2)
    }

    @Test func invocationsArePackedOnTheFirstWorkers() throws {
        var bench = Bench()
        let first = bench.worker(slots: 2)
        let second = bench.worker(slots: 2)
        let ids = try (0..<3).map { _ in try bench.arriveID() }
        #expect(bench.pool.idleWorkers(9) == [])
        bench.finish(ids[2])
        #expect(bench.pool.idleWorkers(9) == [second])
        bench.finish(ids[0])
        guard case .dispatch(_, let chosen) = bench.arrive() else { throw Unexpected(text: "not dispatched") }
        #expect(chosen == first)
    }

    @Test func aCancelledInvocationKeepsItsSlotUntilTheHandlerEnds() throws {
        var bench = Bench()
        let worker = bench.worker(slots: 1)
        let id = try bench.arriveID()
        #expect(bench.pool.cancel(id, now: bench.now) == .tell(worker))
        let waiting = try bench.arriveID()
        #expect(bench.next() == nil)
        bench.pool.returnSlot(of: id, now: bench.now)
        #expect(bench.next()?.invocation == waiting)
        #expect(bench.pool.counts.abandoned == 0)
    }

    @Test func whoWaitsAndGoesAwayIsForgotten() throws {
        var bench = Bench()
        let first = try bench.arriveID()
        let second = try bench.arriveID()
        #expect(bench.pool.cancel(first, now: bench.now) == .dequeued)
        #expect(bench.pool.cancel(first, now: bench.now) == .nothing)
        _ = bench.worker(slots: 2)
        #expect(bench.next()?.invocation == second)
        #expect(bench.next() == nil)
    }

    @Test func theDeadlineCountsFromArrivalInTheQueue() throws {
        var bench = Bench(timeout: .seconds(1))
        let id = try bench.arriveID()
        bench.wait(.milliseconds(999))
        #expect(bench.pool.expire(now: bench.now) == [])
        bench.wait(.milliseconds(1))
        #expect(bench.pool.nextExpiry == bench.now)
        #expect(bench.pool.expire(now: bench.now) == [.queued(id)])
        #expect(bench.pool.isQuiet)
        #expect(bench.pool.nextExpiry == nil)
    }

    @Test func aHandlerPastItsDeadlineIsCancelledThenItsWorkerKilledOnce() throws {
        var bench = Bench(timeout: .seconds(1), grace: .seconds(2))
        let worker = bench.worker(slots: 2)
        let first = try bench.arriveID()
        let second = try bench.arriveID()
        bench.wait(.seconds(1))
        #expect(bench.pool.expire(now: bench.now) == [.running(first, worker), .running(second, worker)])
        bench.wait(.milliseconds(1_999))
        #expect(bench.pool.expire(now: bench.now) == [])
        bench.wait(.milliseconds(1))
        #expect(bench.pool.expire(now: bench.now) == [.kill(worker)])
        #expect(bench.pool.lose(worker, now: bench.now) == [])
        #expect(bench.pool.isQuiet)
        #expect(bench.pool.counts.abandoned == 0)
    }

    @Test func aHandlerThatYieldsWithinTheGraceKeepsItsWorker() throws {
        var bench = Bench(timeout: .seconds(1), grace: .seconds(2))
        let worker = bench.worker(slots: 1)
        let id = try bench.arriveID()
        bench.wait(.seconds(1))
        #expect(bench.pool.expire(now: bench.now) == [.running(id, worker)])
        bench.pool.returnSlot(of: id, now: bench.now)
        bench.wait(.seconds(5))
        #expect(bench.pool.expire(now: bench.now) == [])
        #expect(bench.pool.counts.free == 1)
    }

    @Test func aDeadWorkersIdempotentInvocationsAreRetriedOnceAndFirst() throws {
        var bench = Bench()
        let worker = bench.worker(slots: 2)
        let first = try bench.arriveID()
        let second = try bench.arriveID(retryable: false)
        let waiting = try bench.arriveID()
        #expect(Set(bench.pool.lose(worker, now: bench.now)) == [.failed(second), .retried(first)])
        let other = bench.worker(slots: 1)
        #expect(bench.next()?.invocation == first)
        #expect(bench.pool.lose(other, now: bench.now) == [.failed(first)])
        _ = bench.worker(slots: 1)
        #expect(bench.next()?.invocation == waiting)
    }

    @Test func whatWasCommittedIsNotRetried() throws {
        var bench = Bench()
        let worker = bench.worker(slots: 1)
        let id = try bench.arriveID()
        bench.pool.commit(id)
        #expect(bench.pool.lose(worker, now: bench.now) == [.failed(id)])
    }

    @Test func aLeavingWorkerGetsNothingMoreAndFinishes() throws {
        var bench = Bench()
        let worker = bench.worker(slots: 2)
        let id = try bench.arriveID()
        bench.pool.leave(worker)
        guard case .queued = bench.arrive() else { throw Unexpected(text: "handed to a leaving worker") }
        bench.finish(id)
        #expect(bench.next() == nil)
        #expect(bench.pool.counts.slots == 0)
        #expect(bench.pool.counts.leaving == 1)
        #expect(bench.pool.lose(worker, now: bench.now) == [])
        #expect(bench.pool.counts.leaving == 0)
    }

    @Test func whenNothingStartsThoseWhoWaitAndTheNextAreToldWhy() throws {
        var bench = Bench()
        let id = try bench.arriveID()
        let retryAt = bench.now + .seconds(1)
        #expect(bench.pool.cannotStart("no such file", retryAt: retryAt) == [id])
        bench.wait(.milliseconds(400))
        #expect(
            bench.arrive() == .refused(.cannotStart(reason: "no such file", retryAfter: .milliseconds(600)))
        )
        bench.wait(.milliseconds(600))
        guard case .queued = bench.arrive() else { throw Unexpected(text: "no new attempt") }
    }

    @Test func aFailedStartBesideAReadyWorkerDisturbsNobody() throws {
        var bench = Bench()
        _ = bench.worker(slots: 1)
        _ = try bench.arriveID()
        let waiting = try bench.arriveID()
        #expect(bench.pool.cannotStart("no memory", retryAt: bench.now + .seconds(1)) == [])
        #expect(bench.pool.cancel(waiting, now: bench.now) == .dequeued)
    }

    @Test func theIdlestWorkersRetireFirst() throws {
        var bench = Bench()
        let first = bench.worker(slots: 2)
        let second = bench.worker(slots: 2)
        let third = bench.worker(slots: 2)
        _ = try (0..<3).map { _ in try bench.arriveID() }
        #expect(bench.pool.workersToRetire(3) == [third, second, first])
    }

    @Test func aKeyOfAFormerWorkerOrInvocationDoesNothing() throws {
        var bench = Bench()
        let worker = bench.worker(slots: 1)
        let id = try bench.arriveID()
        bench.finish(id)
        bench.finish(id)
        bench.pool.returnSlot(of: id, now: bench.now)
        #expect(bench.pool.counts.free == 1)
        _ = bench.pool.lose(worker, now: bench.now)
        _ = bench.worker(slots: 1)
        bench.pool.offer(5, by: worker)
        #expect(bench.pool.counts.slots == 1)
        #expect(bench.pool.lose(worker, now: bench.now) == [])
        #expect(bench.pool.counts.ready == 1)
    }

    @Test func aStoppedPoolFinishesWhatItHas() throws {
        var bench = Bench()
        _ = bench.worker(slots: 1)
        let running = try bench.arriveID()
        let waiting = try bench.arriveID()
        bench.pool.stop()
        #expect(bench.arrive() == .refused(.stopping))
        bench.finish(running)
        #expect(bench.next()?.invocation == waiting)
        #expect(!bench.pool.isQuiet)
        bench.finish(waiting)
        #expect(bench.pool.isQuiet)
    }
}
