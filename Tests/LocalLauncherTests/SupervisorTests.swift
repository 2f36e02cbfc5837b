import LocalLauncher
import Testing
import Time
import WorkerProtocol

@Suite struct SupervisorTests {
    private var supervisor = Supervisor(startTimeout: .seconds(10), drainTimeout: .seconds(20))
    private var now = Instant.origin

    /// Workers that were started and are ready.
    private mutating func start(_ count: Int) {
        for case .spawn(let worker) in supervisor.want(count, now: now) {
            #expect(supervisor.joined(worker, now: now) == [])
        }
    }

    @Test mutating func itStartsAllThatIsWantedInOneStep() {
        #expect(supervisor.want(3, now: now) == [.spawn(1), .spawn(2), .spawn(3)])
        #expect(supervisor.want(3, now: now) == [])
        #expect(supervisor.starting == 3)
    }

    @Test mutating func itRetiresWhatIsTooMuchOnce() {
        start(3)
        #expect(supervisor.want(1, now: now) == [.retire(2)])
        supervisor.retired([2, 3], now: now)
        #expect(supervisor.want(1, now: now) == [])
        #expect(supervisor.exited(3, .code(0), now: now) == [])
        #expect(supervisor.leaving == 1)
    }

    @Test mutating func aReadyWorkerDoesNotGoForOneThatStillStarts() {
        start(1)
        #expect(supervisor.want(2, now: now) == [.spawn(2)])
        #expect(supervisor.want(1, now: now) == [])
        #expect(supervisor.joined(2, now: now) == [.retire(1)])
    }

    @Test mutating func theFirstDeathIsReplacedAtOnceAndManyMoreSlowly() {
        start(1)
        var worker = 1
        for _ in 0..<3 {
            #expect(supervisor.exited(worker, .signal(9), now: now) == [.spawn(worker + 1)])
            worker += 1
            #expect(supervisor.joined(worker, now: now) == [])
        }
        #expect(supervisor.exited(worker, .signal(9), now: now) == [])
        #expect(supervisor.nextTimer == now + .milliseconds(10))
        now = now + .milliseconds(10)
        #expect(supervisor.timerFired(now: now) == [.spawn(worker + 1)])
    }

    @Test mutating func aFailedStartSaysWhyAndWaitsLongerEachTime() {
        var worker = 1
        #expect(supervisor.want(1, now: now) == [.spawn(1)])
        for delay in [50, 100, 200, 400] {
            supervisor.startFailed(worker, reason: "no catalogue")
            let retryAt = now + .milliseconds(delay)
            #expect(
                supervisor.exited(worker, .code(1), now: now)
                    == [.cannotStart(reason: "no catalogue", retryAt: retryAt)]
            )
            #expect(supervisor.nextTimer == retryAt)
            now = retryAt
            worker += 1
            #expect(supervisor.timerFired(now: now) == [.spawn(worker)])
        }
        #expect(supervisor.joined(worker, now: now) == [])
        #expect(supervisor.want(2, now: now) == [.spawn(worker + 1)])
        #expect(
            supervisor.exited(worker + 1, .signal(11), now: now) == [
                .cannotStart(
                    reason: "the worker was ended by signal 11 (SIGSEGV) before it was ready",
                    retryAt: now + .milliseconds(50)
                )
            ]
        )
    }

    @Test mutating func aWorkerThatNeverOffersASlotIsKilled() {
        #expect(supervisor.want(1, now: now) == [.spawn(1)])
        #expect(supervisor.nextTimer == now + .seconds(10))
        now = now + .seconds(10)
        #expect(supervisor.timerFired(now: now) == [.kill(1)])
        guard case .cannotStart(let reason, _)? = supervisor.exited(1, .signal(9), now: now).first else {
            Issue.record("no reason given")
            return
        }
        #expect(reason.contains("offered no slot"))
    }

    @Test mutating func aWorkerThatDoesNotLeaveIsKilled() {
        start(1)
        #expect(supervisor.want(0, now: now) == [.retire(1)])
        supervisor.retired([1], now: now)
        #expect(supervisor.nextTimer == now + .seconds(20))
        now = now + .seconds(20)
        #expect(supervisor.timerFired(now: now) == [.kill(1)])
        #expect(supervisor.timerFired(now: now) == [])
        #expect(supervisor.exited(1, .signal(9), now: now) == [])
        #expect(supervisor.isEmpty)
    }

    @Test mutating func renewalReplacesEveryWorker() {
        start(2)
        #expect(supervisor.renew(now: now) == [.drain(1), .drain(2), .spawn(3), .spawn(4)])
        #expect(supervisor.starting == 2)
        #expect(supervisor.leaving == 2)
        #expect(supervisor.renew(now: now) == [.drain(3), .drain(4), .spawn(5), .spawn(6)])
    }

    @Test mutating func stoppingDrainsAndStartsNothing() {
        start(1)
        #expect(supervisor.stop(now: now) == [.drain(1)])
        #expect(supervisor.want(4, now: now) == [])
        #expect(supervisor.exited(1, .code(0), now: now) == [])
        #expect(supervisor.isEmpty)
    }
}
