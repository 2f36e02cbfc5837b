import Scaling
import Testing

/// KEDA with the autoscaler behind it, worked by hand: ten slots a worker, syncs at 7.5 s, 22.5 s, …, looks every 30 s.
@Suite struct KedaPolicyTests {
    @Test func wakesWithOneAndSyncsLater() {
        var pool = Driven(limits: PoolLimits(max: 100), policy: .keda())
        pool.advance(to: 1)
        #expect(pool.demand(35)?.wanted == 1)
        pool.advance(to: 7.4)
        #expect(pool.wanted == 1)
        pool.advance(to: 7.5)
        #expect(pool.wanted == 4)
        #expect(pool.scaler.decision.reason.label == "sample")
    }

    @Test func withinATenthNothingChanges() {
        var pool = Driven(limits: PoolLimits(max: 100), policy: .keda())
        pool.demand(40)
        pool.advance(to: 7.5)
        #expect(pool.wanted == 4)
        pool.demand(43)
        pool.advance(to: 22.5)
        #expect(pool.wanted == 4)
        pool.demand(45)
        pool.advance(to: 37.5)
        #expect(pool.wanted == 5)
    }

    @Test func growsByFourOrTwofoldASync() {
        var pool = Driven(limits: PoolLimits(max: 100), policy: .keda())
        pool.demand(1000)
        pool.advance(to: 7.5)
        #expect(pool.wanted == 5)
        pool.advance(to: 22.5)
        #expect(pool.wanted == 10)
        pool.advance(to: 37.5)
        #expect(pool.wanted == 20)
    }

    @Test func goesDownToTheHighestOfFiveMinutes() {
        var pool = Driven(limits: PoolLimits(max: 100), policy: .keda())
        pool.demand(50)
        pool.advance(to: 40)
        #expect(pool.wanted == 5)
        pool.demand(5)
        // The sync at 37.5 wanted five; five minutes later it counts no more.
        pool.advance(to: 337.4)
        #expect(pool.wanted == 5)
        pool.advance(to: 337.5)
        #expect(pool.wanted == 1)
    }

    @Test func goesToZeroAfterTheCooldown() {
        var pool = Driven(limits: PoolLimits(max: 100), policy: .keda())
        pool.demand(1)
        pool.advance(to: 40)
        pool.demand(0)
        // Last seen in use by the sync at 37.5; the looks at 330 and before are not 300 s later, that at 360 is.
        pool.advance(to: 359)
        #expect(pool.wanted == 1)
        pool.advance(to: 360)
        #expect(pool.wanted == 0 && pool.armed == nil)
    }

    @Test func whatFallsBetweenTwoLooksIsNotSeen() {
        var pool = Driven(limits: PoolLimits(max: 100), policy: .keda())
        pool.demand(1)
        pool.demand(0)
        // Bursts of 90 at a time, each over before the next sync, never raise the sample.
        for second in [10.0, 25, 40, 55] {
            pool.advance(to: second)
            pool.demand(90)
            pool.demand(0)
        }
        #expect(pool.wanted == 1)
        #expect(pool.scaler.history.map(\.wanted).max() == 1)
    }
}
