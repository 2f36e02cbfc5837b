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

/// Cases of the reference policies in which more than one worker or more than one idle time matters.
extension HandWorkedSimulationTests {
    @Test func fixedKeepsFromTheLastEndOn() throws {
        // One a second from 0.5 s on, 0.75 s each: the last of the first minute ends at 60.25 s, so the worker goes at
        // 80.25 s. Those at 90 s and 150 s find none: 0.75 s and 20 s each.
        let outcome = try run("fixed:idle=20s", [60, 1, 1], milliseconds: 750, concurrency: 1, start: .zero)
        #expect(outcome.starts == 3)
        let seconds: Double = 79.75 + 2 * 20.75
        #expect(isNear(outcome.workerSeconds, seconds))
        #expect(isNear(outcome.idleWorkerSeconds, seconds - 62 * 0.75))
    }

    @Test func fixedKeepsEachLevelByItself() throws {
        // One slot each, a request every 20 s (at 10, 30, 50 s) that runs 25 s: level 1 is needed from 10 to 75 s,
        // level 2 from 30 to 35 s and from 50 to 55 s. Kept 10 s each: 10 to 85, 30 to 45, 50 to 65.
        let outcome = try run("fixed:idle=10s", [3, 0], milliseconds: 25_000, concurrency: 1, start: .zero)
        #expect(outcome.starts == 3 && outcome.cold == 0)
        #expect(isNear(outcome.workerSeconds, 75 + 15 + 15))
    }

    @Test func theOracleCountsEachLevelsGaps() throws {
        // The same with a start of 3 s: level 1 is started at 7 s; level 2 twice, because its gap of 15 s is longer.
        let outcome = try run("oracle", [3, 0], milliseconds: 25_000, concurrency: 1, start: .seconds(3))
        #expect(outcome.starts == 3)
        let seconds: Double = (75 - 7) + (3 + 5) * 2
        #expect(isNear(outcome.workerSeconds, seconds) && isNear(outcome.idleWorkerSeconds, 0))
    }

    @Test func hybridLeavesAndComesBackByItsHistogram() throws {
        // Every 10 minutes at the 30th second, a second long, started in 2 s. The first idle time begins with the first
        // end at 33 s and ends at 630 s: 597 s, bin 9. One bin of 240 with one entry varies enough to be believed:
        // head 9 min less 10 % is 8.1 min, tail 10 min and 10 % is 11 min.
        var perMinute = [Int32](repeating: 0, count: 32)
        for minute in [0, 10, 20] { perMinute[minute] = 1 }
        let outcome = try run("hybrid", perMinute, milliseconds: 1000)
        // The first waits; the worker is kept for four hours, so the second does not. That ends at 631 s: gone at once,
        // back from 631 + 486 = 1117 s on, so the third at 1230 s does not wait either. That ends at 1231 s. Its idle
        // time of 599 s is in bin 9 as well: gone from 1231 s, back at 1717 s, and gone for good at 1231 + 660 = 1891 s.
        #expect(outcome.cold == 1 && outcome.starts == 3)
        let seconds: Double = (631 - 30) + (1231 - 1117) + (1891 - 1717)
        #expect(isNear(outcome.workerSeconds, seconds))
    }

    @Test func rateCountsWhatArrivesNotWhatRuns() throws {
        // One a second of 10 ms: 1 a second over 200 × 70 % is one worker, woken at 0.5 s and there until 12 s after the
        // window behind the last at 59.5 s is empty at the tick of 120.5 s.
        let outcome = try run("rate", [60, 0, 0], milliseconds: 10, start: .zero)
        #expect(outcome.starts == 1 && outcome.cold == 0)
        #expect(isNear(outcome.workerSeconds, 120.5 + 12 - 0.5))
    }
}
