import Scaling
import Testing
import Time

@Suite struct PoolScalerTests {
    @Test func beginsWithItsMinimumAndNoTimer() {
        let pool = Driven(limits: PoolLimits(min: 2, max: 5, idle: .seconds(60)))
        #expect(pool.wanted == 2)
        #expect(pool.scaler.decision.reason == .began(min: 2))
        #expect(pool.armed == nil)
    }

    @Test func firstArrivalWakesAtOnce() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        #expect(pool.wanted == 0)
        let decision = pool.demand(1)
        #expect(decision?.wanted == 1)
        #expect(decision?.reason == .demand(inFlight: 1, concurrency: 10, headroom: 0))
        #expect(decision?.nextCheck == nil)
    }

    @Test func rampsUpInOneStepAndNeverBeyondMax() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        #expect(pool.demand(35)?.wanted == 4)
        #expect(pool.demand(500)?.wanted == 8)
        #expect(pool.demand(501) == nil)
    }

    @Test func quietChangesDecideNothing() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        pool.demand(1)
        for count in 2...10 { #expect(pool.demand(count) == nil) }
        #expect(pool.demand(11)?.wanted == 2)
    }

    @Test func goesDownLevelByLevelAfterIdle() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        pool.demand(25)
        pool.advance(to: 10)
        pool.demand(15)
        pool.advance(to: 20)
        pool.demand(0)
        pool.advance(to: 69.9)
        #expect(pool.wanted == 3)
        pool.advance(to: 70)
        #expect(pool.wanted == 2)
        #expect(pool.scaler.decision.reason == .idle(level: 3, after: .seconds(60)))
        pool.advance(to: 79.9)
        #expect(pool.wanted == 2)
        pool.advance(to: 80)
        #expect(pool.wanted == 0)
        #expect(pool.armed == nil)
    }

    @Test func keepsItsMinimum() {
        var pool = Driven(limits: PoolLimits(min: 1, max: 8, idle: .seconds(5)))
        pool.demand(25)
        pool.demand(0)
        pool.advance(to: 100)
        #expect(pool.wanted == 1)
        #expect(pool.armed == nil)
    }

    @Test func idleTimeStartsAnewWithEveryUse() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        for second in stride(from: 0.0, through: 600, by: 50) { pool.pulse(at: second) }
        pool.advance(to: 659.9)
        #expect(pool.wanted == 1)
        pool.advance(to: 660)
        #expect(pool.wanted == 0)
        // One start, one stop, and the timer no more often than once a use.
        #expect(pool.scaler.history.count == 3)
        #expect(pool.timersFired <= 13)
    }

    @Test func limitsChangeAtOnce() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        pool.demand(75)
        #expect(pool.scaler.limitsChanged(PoolLimits(max: 3, idle: .seconds(60)), now: pool.now).wanted == 3)
        #expect(pool.scaler.limitsChanged(PoolLimits(min: 9, max: 20), now: pool.now).wanted == 9)
    }

    @Test func lostWorkersAskForNothingNew() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        pool.demand(15)
        #expect(pool.scaler.workersChanged(ready: 1, starting: 0, draining: 0, now: pool.now) == nil)
        #expect(pool.wanted == 2)
    }

    @Test func historyIsBoundedAndSaysWhy() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(1)))
        for round in 0..<100 {
            pool.advance(to: Double(round) * 10)
            pool.demand(11)
            pool.demand(0)
        }
        pool.advance(to: 2000)
        let history = pool.scaler.history
        #expect(history.count == 32)
        #expect(history.last?.wanted == 0)
        #expect(history.last?.before == 2)
        #expect(history.last?.reason.description == "worker 1 was not needed for 1s")
        #expect(zip(history, history.dropFirst()).allSatisfy { $0.at <= $1.at && $0.wanted == $1.before })
        #expect(pool.scaler.explanation.history == history)
    }

    @Test func explanationTellsWhatIsPlanned() {
        var pool = Driven(limits: PoolLimits(max: 8, idle: .seconds(60)))
        pool.pulse(at: 5)
        let reason = ScaleReason.idle(level: 1, after: .seconds(60))
        #expect(
            pool.scaler.explanation.planned
                == PlannedChange(wanted: 0, at: pool.now + .seconds(60), reason: reason)
        )
        #expect(pool.scaler.explanation.policy == "fixed")
    }

    @Test func limitsAreMadeSane() {
        #expect(PoolLimits(min: -3, max: -1) == PoolLimits(min: 0, max: 0))
        #expect(PoolLimits(min: 5, max: 2).max == 5)
        var closed = Driven(limits: PoolLimits(max: 0))
        #expect(closed.demand(5)?.wanted ?? 0 == 0)
    }
}
