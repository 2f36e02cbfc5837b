import Scaling
import Testing
import Time

@Suite struct SimulationTests {
    private static let policies = ["adaptive", "fixed", "concurrency", "rate", "keda", "hybrid", "oracle", "always-on"]

    private func trace(_ perMinute: [Int32]) -> FunctionTrace {
        FunctionTrace(
            id: "f",
            perMinute: perMinute,
            durations: DurationDistribution(quantiles: [(0, 5), (0.5, 40), (0.75, 90), (1, 9000)], mean: 120)
        )
    }

    /// Bursts, silences and a busy stretch.
    private var mixed: FunctionTrace {
        trace((0..<120).map { minute in minute % 17 == 0 ? 900 : minute % 5 == 0 ? 1 : minute > 90 ? 60 : 0 })
    }

    @Test(arguments: policies) func requestsAreConserved(_ policy: String) throws {
        for placement in Placement.allCases {
            var parameters = SimulationParameters()
            parameters.placement = placement
            parameters.concurrency = 2
            let outcome = try Simulation.run(
                mixed,
                index: 3,
                policy: SimulatedPolicy(parsing: policy),
                parameters: parameters
            )
            #expect(outcome.requests == mixed.requests)
            #expect(outcome.cold <= outcome.requests && outcome.failed <= outcome.cold)
            #expect(outcome.idleWorkerSeconds <= outcome.workerSeconds)
        }
    }

    @Test(arguments: policies) func theSameSeedGivesTheSameRun(_ policy: String) throws {
        func run(_ seed: UInt64) throws -> (Int, Double, Double) {
            var parameters = SimulationParameters()
            parameters.seed = seed
            let policy = try SimulatedPolicy(parsing: policy)
            let outcome = try Simulation.run(mixed, index: 0, policy: policy, parameters: parameters)
            return (outcome.cold, outcome.workerSeconds, outcome.waits.mean)
        }
        #expect(try run(7) == run(7))
        #expect(try run(7) != run(8))
    }

    @Test(arguments: policies) func nobodyNeedsLessThanTheOracle(_ policy: String) throws {
        let parameters = SimulationParameters()
        let policy = try SimulatedPolicy(parsing: policy)
        let outcome = try Simulation.run(mixed, index: 0, policy: policy, parameters: parameters)
        let oracle = try Simulation.run(mixed, index: 0, policy: .oracle, parameters: parameters)
        #expect(oracle.cold == 0 && oracle.waits.mean == 0)
        // Who lets requests wait may run them later and closer together, but each start is paid for.
        if outcome.cold == 0 { #expect(oracle.workerSeconds <= outcome.workerSeconds + 1e-6) }
    }

    @Test(arguments: policies) func themaximumIsNeverExceeded(_ policy: String) throws {
        guard policy != "oracle", policy != "always-on" else { return }
        var parameters = SimulationParameters()
        parameters.keepsTimeline = true
        parameters.concurrency = 1
        let outcome = try Simulation.run(
            mixed,
            index: 0,
            policy: SimulatedPolicy(parsing: policy + ":max=3"),
            parameters: parameters
        )
        let timeline = try #require(outcome.timeline)
        #expect(timeline.workers.count == 120)
        #expect((timeline.workers.max() ?? 0) <= 3 + 1e-9)
        #expect((timeline.workers.reduce(0, +) * 60 - outcome.workerSeconds).magnitude < 1e-3)
    }

    @Test func minutesMayBeLeftOutOfTheReport() throws {
        var parameters = SimulationParameters()
        parameters.measured = 60..<120
        let outcome = try Simulation.run(mixed, index: 0, policy: .alwaysOn, parameters: parameters)
        #expect(outcome.requests == mixed.perMinute[60...].reduce(0) { $0 + Int($1) })
        #expect(outcome.workerSeconds >= 3600)
    }

    @Test func aMinuteOfAnySizeStaysWithinItself() throws {
        // The busiest minute is placed in its own sixty seconds: what is measured is exactly that minute's.
        var parameters = SimulationParameters()
        parameters.measured = 1..<2
        for placement in Placement.allCases {
            parameters.placement = placement
            let busy = FunctionTrace(id: "f", perMinute: [3, 50_000, 2], durations: .init(constant: 1))
            let outcome = try Simulation.run(busy, index: 0, policy: .oracle, parameters: parameters)
            #expect(outcome.requests == 50_000)
        }
    }

    @Test func limitsAreReadWithThePolicy() throws {
        let policy = try SimulatedPolicy(parsing: "adaptive:cost=lean,min=2,max=9,idle=5m")
        #expect(policy.kind == .policy(.adaptive(.lean)))
        #expect(policy.limits == PoolLimits(min: 2, max: 9, idle: .seconds(300)))
        #expect(policy.name == "adaptive:cost=lean,min=2,max=9,idle=5m")
        #expect(throws: PolicyMistake.self) { try SimulatedPolicy(parsing: "oracle:min=1") }
        #expect(throws: PolicyMistake.self) { try SimulatedPolicy(parsing: "fixed:min=5,max=2") }
        #expect(throws: PolicyMistake.self) { try SimulatedPolicy(parsing: "fixed:max=0") }
    }

    @Test func quantilesAndMeanComeOutAsRecorded() {
        let known = DurationDistribution(
            quantiles: [(0, 48), (0.01, 94), (0.25, 125), (0.5, 152), (0.75, 207), (0.99, 665), (1, 2248)],
            mean: 195
        )
        #expect((known.mean - 195).magnitude < 0.5)
    }
}
