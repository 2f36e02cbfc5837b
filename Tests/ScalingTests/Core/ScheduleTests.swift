import Scaling
import Testing
import Time

/// What a pool's schedule keeps, under a clock moved by hand.
@Suite struct ScheduleTests {
    @Test(arguments: PolicyChoice.all)
    func aWindowIsKeptFromEdgeToEdgeWithoutAnyDemand(_ policy: PolicyChoice) {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(10)), policy: policy)
        pool.schedule([(0, 0), (100, 3), (200, 0)])
        #expect(pool.wanted == 0)
        pool.advance(to: 99.9)
        #expect(pool.wanted == 0)
        pool.advance(to: 100)
        #expect(pool.wanted == 3)
        #expect(pool.scaler.decision.reason == .scheduled(min: 3))
        pool.advance(to: 199.9)
        #expect(pool.wanted == 3)
        // They have not been needed for longer than a worker may stay.
        pool.advance(to: 200)
        #expect(pool.wanted == 0)
        #expect(pool.scaler.history.map(\.wanted) == [0, 3, 0])
    }

    @Test(arguments: PolicyChoice.all)
    func demandGoesAboveAWindowAndTheCapHolds(_ policy: PolicyChoice) {
        var pool = Driven(limits: PoolLimits(min: 1, max: 4, idle: .seconds(10)), policy: policy)
        // More than the limits allow.
        pool.schedule([(0, 2), (1_000, 9), (2_000, 0)])
        #expect(pool.wanted == 2)
        for second in 1...100 {
            pool.demand(200 + second * 200)
            pool.advance(to: Double(second))
        }
        #expect(pool.wanted == 4)
        pool.demand(0)
        pool.advance(to: 999)
        #expect(pool.wanted == 2)
        pool.advance(to: 1_500)
        #expect(pool.wanted == 4)
        pool.advance(to: 2_000)
        #expect(pool.wanted == 1)
        #expect(pool.scaler.history.allSatisfy { $0.wanted <= 4 })
    }

    @Test func beginsWithinAWindow() {
        let scaler = PoolScaler(
            limits: PoolLimits(max: 8),
            concurrency: 10,
            floors: [ScheduledFloor(at: .origin, min: 2)],
            now: .origin + .seconds(5)
        )
        #expect(scaler.decision.wanted == 2)
        #expect(scaler.decision.reason == .scheduled(min: 2))
    }

    @Test func aReplacedScheduleHoldsAtOnce() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(10)))
        pool.schedule([(0, 2)])
        pool.advance(to: 60)
        pool.schedule([(0, 5), (90, 1)])
        #expect(pool.wanted == 5)
        pool.schedule([])
        #expect(pool.wanted == 0)
    }

    @Test func stepsPassedOverLongSleepAreMadeUpFor() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(10)))
        pool.schedule([(100, 3), (200, 0), (300, 5), (400, 1)])
        // The machine slept: no timer fired in between.
        _ = pool.scaler.timerFired(now: .origin + .seconds(450))
        #expect(pool.wanted == 1)
    }

    @Test func explanationForetellsTheNextEdge() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(10)))
        pool.schedule([(100, 3), (200, 0)])
        #expect(pool.scaler.explanation.planned?.wanted == 3)
        #expect(pool.scaler.explanation.planned?.at == .origin + .seconds(100))
        #expect(pool.scaler.explanation.planned?.reason == .scheduled(min: 3))
        pool.advance(to: 150)
        #expect(pool.scaler.explanation.scheduledMin == 3)
        #expect(pool.scaler.explanation.planned?.wanted == 0)
        #expect(pool.scaler.explanation.planned?.at == .origin + .seconds(200))
    }

    @Test(arguments: PolicyChoice.all)
    func whatIsForeseenIsWhatHappens(_ policy: PolicyChoice) throws {
        var pool = Driven(limits: PoolLimits(max: 8), policy: policy)
        pool.schedule([(5_000, 2), (6_000, 0)])
        for second in stride(from: 0.0, to: 600, by: 20) { pool.pulse(at: second) }
        // Until nothing is left to come.
        for _ in 0..<20 {
            guard let planned = pool.scaler.foreseen() else { break }
            let before = pool.wanted
            let at = (planned.at - .origin).inSeconds
            pool.advance(to: at - 0.001)
            #expect(pool.wanted == before)
            pool.advance(to: at)
            #expect(pool.wanted == planned.wanted)
            #expect(pool.scaler.decision.reason == planned.reason)
        }
        pool.advance(to: 20_000)
        #expect(pool.wanted == 0 || policy == .adaptive())
    }
}

/// What a reload changes, and the longest a worker may stay.
@Suite struct ReconfigurationTests {
    @Test(arguments: PolicyChoice.all)
    func noPolicyKeepsWorkersLongerThanIdle(_ policy: PolicyChoice) {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(5)), policy: policy)
        for round in 0..<20 {
            let begin = Double(round) * 300
            pool.advance(to: begin)
            pool.demand(25)
            pool.advance(to: begin + 100)
            pool.demand(0)
            pool.advance(to: begin + 105)
            #expect(pool.wanted == 0)
        }
    }

    @Test func theMinimumStaysBeyondIdle() {
        var pool = Driven(limits: PoolLimits(min: 2, max: 8, idle: .seconds(5)), policy: .keda())
        pool.demand(25)
        pool.advance(to: 60)
        #expect(pool.wanted == 3)
        pool.demand(0)
        pool.advance(to: 66)
        #expect(pool.wanted == 2)
    }

    @Test func anotherPolicyDecidesFromNowOn() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        pool.pulse(at: 1)
        #expect(pool.wanted == 1)
        let decision = pool.scaler.reconfigured(
            limits: PoolLimits(max: 8),
            concurrency: 10,
            policy: .concurrency(),
            now: pool.now
        )
        pool.obey(decision)
        #expect(pool.scaler.explanation.policy == "concurrency")
        pool.advance(to: 10)
        pool.demand(14)
        pool.advance(to: 14)
        // 14 in flight at a target of 70 % of 10.
        #expect(pool.wanted == 2)
        #expect(pool.scaler.decision.reason.label == "panic" || pool.scaler.decision.reason.label == "average")
    }

    @Test func otherSlotsCountAtOnce() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)), concurrency: 10)
        pool.demand(10)
        #expect(pool.wanted == 1)
        pool.obey(
            pool.scaler.reconfigured(limits: PoolLimits(max: 8), concurrency: 2, policy: .fixed(), now: pool.now)
        )
        #expect(pool.wanted == 5)
    }

    @Test func whatWasLearnedOutlastsAnotherCost() {
        var pool = Driven(limits: PoolLimits(max: 8), policy: .adaptive())
        for second in stride(from: 0.0, to: 7_200, by: 30) { pool.pulse(at: second) }
        let learned = pool.scaler.savedState(now: pool.now)
        pool.obey(
            pool.scaler.reconfigured(
                limits: PoolLimits(max: 8),
                concurrency: 10,
                policy: .adaptive(.lean),
                now: pool.now
            )
        )
        #expect(pool.scaler.savedState(now: pool.now).count == learned.count)
        #expect(pool.scaler.stateWarning == nil)
        let forgotten = PoolScaler(limits: PoolLimits(max: 8), concurrency: 10, policy: .adaptive(.lean), now: pool.now)
        #expect(forgotten.savedState(now: pool.now).count < learned.count)
    }
}

extension PolicyChoice {
    /// One of each.
    static let all: [PolicyChoice] = [
        .fixed(), .concurrency(), .rate(AverageSettings(target: 5)), .keda(), .hybrid, .adaptive(),
    ]
}
