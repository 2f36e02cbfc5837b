import Scaling
import Testing
import Time

/// Small cases of the simulator, worked by hand: evenly spaced requests, so one a minute comes at its 30th second.
@Suite struct HandWorkedSimulationTests {
    private func run(
        _ policy: String,
        _ perMinute: [Int32],
        milliseconds: Double,
        concurrency: Int = 10,
        start: Duration = .seconds(2)
    ) throws -> PoolOutcome {
        var parameters = SimulationParameters()
        parameters.placement = .uniform
        parameters.concurrency = concurrency
        parameters.start = start
        let trace = FunctionTrace(id: "f", perMinute: perMinute, durations: .init(constant: milliseconds))
        return try Simulation.run(trace, index: 0, policy: SimulatedPolicy(parsing: policy), parameters: parameters)
    }

    private func isNear(_ value: Double, _ expected: Double) -> Bool { (value - expected).magnitude < 1e-6 }

    @Test func fixedPaysForStartRunAndIdle() throws {
        let outcome = try run("fixed:idle=10s", Array(repeating: 1, count: 10), milliseconds: 1000)
        // Each: 2 s to start, 1 s to run, 10 s kept.
        #expect(outcome.requests == 10 && outcome.cold == 10 && outcome.failed == 0 && outcome.starts == 10)
        #expect(isNear(outcome.workerSeconds, 130) && isNear(outcome.idleWorkerSeconds, 100))
        #expect(isNear(outcome.waits.mean, 2e9))
    }

    @Test func theOracleStartsJustInTime() throws {
        let rare = try run("oracle", Array(repeating: 1, count: 10), milliseconds: 1000)
        // The gap of 59 s is longer than a start: 2 s + 1 s each.
        #expect(rare.cold == 0 && rare.starts == 10 && isNear(rare.workerSeconds, 30))
        #expect(isNear(rare.idleWorkerSeconds, 0))
        let often = try run("oracle", [60, 60], milliseconds: 500)
        // Half a second of gap is shorter than a start, so it is bridged; the trace begins half a second before.
        #expect(often.cold == 0 && often.starts == 1 && isNear(often.workerSeconds, 120))
        #expect(isNear(often.idleWorkerSeconds, 59.5))
    }

    @Test func theOracleHasAsManyWorkersAsRun() throws {
        // Every 0.5 s one of 2.99 s: five or six at a time, which two slots a worker make three workers.
        let outcome = try run("oracle", [120], milliseconds: 2990, concurrency: 2, start: .zero)
        #expect(outcome.cold == 0 && outcome.starts == 3)
        // Level 1 from 0.25 s on, level 2 (three running) from 1.25 s on, level 3 (five running) from 2.25 s on.
        #expect(isNear(outcome.workerSeconds, (60 - 0.25) + (60 - 1.25) + (60 - 2.25)))
    }

    @Test func alwaysOnPaysForEverySecond() throws {
        let outcome = try run("always-on", Array(repeating: 1, count: 10), milliseconds: 1000)
        #expect(outcome.cold == 0 && outcome.starts == 1)
        #expect(isNear(outcome.workerSeconds, 600) && isNear(outcome.idleWorkerSeconds, 600 - 2 - 10))
    }

    @Test func whoWaitsAMinuteGivesUp() throws {
        // At 15 s the first of two minutes' work, from 17 s on; at 45 s the second, which gives up at 105 s.
        let outcome = try run("fixed:max=1,idle=1s", [2, 0, 0], milliseconds: 120_000, concurrency: 1)
        #expect(outcome.requests == 2 && outcome.failed == 1 && outcome.cold == 2)
        #expect(isNear(outcome.workerSeconds, 137 + 1 - 15))
    }

    @Test func aWaitBelowATenthOfASecondIsNotCold() throws {
        let outcome = try run("fixed:idle=1s", [1], milliseconds: 10, start: .milliseconds(99))
        #expect(outcome.cold == 0 && isNear(outcome.waits.mean, 99e6))
    }

    @Test func knativeStartsOneAndKeepsItForItsWindow() throws {
        let outcome = try run("concurrency", [1, 0, 0], milliseconds: 1000)
        // Woken at 30 s, served from 32 to 33 s; ticks at 32, 34, …: the window is empty at 94 s, the worker goes at 106.
        #expect(outcome.cold == 1 && outcome.starts == 1 && isNear(outcome.workerSeconds, 76))
    }

    @Test func kedaHoldsItUntilALookAfterTheCooldown() throws {
        let outcome = try run("keda", [1, 0, 0, 0, 0, 0, 0, 0], milliseconds: 1000)
        // Woken at 30 s, no sync sees it; the first look more than 300 s later is that at 360 s.
        #expect(outcome.cold == 1 && isNear(outcome.workerSeconds, 330))
    }
}
