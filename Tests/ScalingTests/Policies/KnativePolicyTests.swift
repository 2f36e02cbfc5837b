import Scaling
import Testing

/// Knative's averages, worked by hand: ten slots a worker, so seven in flight are the target.
@Suite struct KnativePolicyTests {
    private func pool(_ policy: String) throws -> Driven {
        Driven(limits: PoolLimits(max: 100), policy: try PolicyChoice(parsing: policy))
    }

    @Test func aRequestAtZeroWakesAndTheNextTickTakesTheAverage() throws {
        var pool = try pool("concurrency")
        #expect(pool.demand(20)?.wanted == 1)
        pool.advance(to: 1.9)
        #expect(pool.wanted == 1)
        // 20 on average over both windows: ⌈20 / 7⌉ = 3, at least twice the one ready worker, so panic.
        pool.advance(to: 2)
        #expect(pool.wanted == 3)
        #expect(pool.scaler.decision.reason.label == "panic")
    }

    @Test func panicHoldsWhatItGotUntilAStableWindowPassedWithoutIt() throws {
        var pool = try pool("concurrency")
        pool.demand(20)
        pool.advance(to: 2)
        pool.workers(ready: 3)
        pool.advance(to: 10)
        pool.demand(0)
        // Panic was last at tick 2; 62 is not yet more than 60 later.
        pool.advance(to: 62)
        #expect(pool.wanted == 3)
        // Window 4…64: 20 for 6 of 60 seconds = 2, ⌈2 / 7⌉ = 1, and at least half of three, rounded down.
        pool.advance(to: 64)
        #expect(pool.wanted == 1)
        // The window is empty from tick 70 on; the last worker goes 12 s later.
        pool.workers(ready: 1)
        pool.advance(to: 81.9)
        #expect(pool.wanted == 1)
        pool.advance(to: 82)
        #expect(pool.wanted == 0 && pool.armed == nil)
    }

    @Test func aTickAtMostHalves() throws {
        var pool = try pool("concurrency:stable=6s,panic=6s")
        pool.demand(70)
        pool.advance(to: 2)
        #expect(pool.wanted == 10)
        pool.workers(ready: 10)
        pool.demand(1)
        // Panic since 2, stable window 6: over at tick 10, where the average asks for one but five is half of ten.
        pool.advance(to: 8)
        #expect(pool.wanted == 10)
        pool.advance(to: 10)
        #expect(pool.wanted == 5)
        pool.workers(ready: 5)
        pool.advance(to: 12)
        #expect(pool.wanted == 2)
    }

    @Test func slowGrowthIsNoPanic() throws {
        var pool = try pool("concurrency")
        pool.demand(7)
        pool.advance(to: 2)
        #expect(pool.wanted == 1 && pool.scaler.decision.reason.label == "average")
        // 7 for 2 s and 10 for 2 s: 8.5 on average, ⌈8.5 / 7⌉ = 2; that is twice one, so panic.
        pool.demand(10)
        pool.advance(to: 4)
        #expect(pool.wanted == 2 && pool.scaler.decision.reason.label == "panic")
    }

    @Test func aTargetOfOnesOwn() throws {
        var pool = try pool("concurrency:target=2")
        pool.demand(7)
        pool.advance(to: 2)
        // 2 × 70 % = 1.4; 7 / 1.4 = 5.
        #expect(pool.wanted == 5)
    }

    @Test func ratesCountArrivals() throws {
        var pool = try pool("rate:target=50")
        for _ in 0...140 {
            pool.demand(1)
            pool.demand(0)
        }
        // The first woke the pool; 140 after it in 2 s are 70 a second, over 50 × 70 % = 35.
        pool.advance(to: 2)
        #expect(pool.wanted == 2)
    }

    @Test func aMinimumStays() throws {
        var pool = Driven(limits: PoolLimits(min: 1, max: 5), policy: .concurrency())
        pool.advance(to: 200)
        #expect(pool.wanted == 1)
        pool.demand(600)
        pool.advance(to: 210)
        #expect(pool.wanted == 5)
    }
}
