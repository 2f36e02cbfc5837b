import Scaling
import Testing
import Time

/// The hybrid histogram policy, worked by hand.
@Suite struct HybridPolicyTests {
    private static let minute = 60.0

    @Test func anUnknownPoolIsKeptForTheWholeRange() {
        var pool = Driven(limits: PoolLimits(max: 10), policy: .hybrid)
        pool.pulse(at: 0)
        pool.advance(to: 240 * Self.minute - 1)
        #expect(pool.wanted == 1)
        pool.advance(to: 240 * Self.minute)
        #expect(pool.wanted == 0)
    }

    @Test func aRegularPoolGoesAndComesBackBeforehand() {
        var pool = Driven(limits: PoolLimits(max: 10), policy: .hybrid)
        pool.pulse(at: 0)
        pool.pulse(at: 10 * Self.minute + 5)
        let last = 20 * Self.minute + 10
        pool.pulse(at: last)
        // Both idle times are in bin 10: head 10 min less 10 % is 9 min, tail 11 min and 10 % is 12.1 min.
        #expect(pool.wanted == 0)
        pool.advance(to: last + 9 * Self.minute - 0.1)
        #expect(pool.wanted == 0)
        pool.advance(to: last + 9 * Self.minute)
        #expect(pool.wanted == 1)
        pool.advance(to: last + 12.1 * Self.minute - 0.1)
        #expect(pool.wanted == 1)
        pool.advance(to: last + 12.1 * Self.minute)
        #expect(pool.wanted == 0)
    }

    @Test func shortIdleTimesNeverLetItGoBefore() {
        var pool = Driven(limits: PoolLimits(max: 10), policy: .hybrid)
        for round in 0..<10 { pool.pulse(at: Double(round) * 30) }
        // All in bin 0: no pre-warming, and kept for one bin and 10 %.
        pool.advance(to: 270 + 65.9)
        #expect(pool.wanted == 1)
        pool.advance(to: 270 + 66)
        #expect(pool.wanted == 0)
    }

    @Test func spreadIdleTimesAreNotBelieved() {
        var pool = Driven(limits: PoolLimits(max: 10), policy: .hybrid)
        // Idle times of 1, 2, 3, … 100 minutes: every bin alike, so the variation of the bins is below 2.
        var at = 0.0
        for minutes in 1...100 {
            pool.pulse(at: at)
            at += Double(minutes) * Self.minute + 1
        }
        pool.pulse(at: at)
        pool.advance(to: at + 239 * Self.minute)
        #expect(pool.wanted == 1)
    }

    @Test func whatWasLearnedSurvivesARestart() {
        let minute = Self.minute
        var before = Driven(limits: PoolLimits(max: 10), policy: .hybrid)
        before.pulse(at: 0)
        before.pulse(at: 10 * minute + 5)
        let last = 20 * minute + 10
        before.pulse(at: last)
        before.advance(to: last + minute)
        let saved = before.scaler.savedState(now: before.now)
        #expect(saved.count <= 8_192)
        func restored(_ bytes: [UInt8]) -> PoolScaler {
            PoolScaler(limits: PoolLimits(max: 10), concurrency: 10, policy: .hybrid, saved: bytes, now: before.now)
        }
        // It comes back when the one that learned it would have had it back, and goes when that would have.
        var after = restored(saved)
        #expect(after.stateWarning == nil)
        #expect(after.decision.wanted == 0)
        #expect(after.decision.nextCheck == before.scaler.decision.nextCheck)
        #expect(after.timerFired(now: .origin + .seconds(last + 9 * minute)).wanted == 1)
        #expect(after.timerFired(now: .origin + .seconds(last + 12.1 * minute)).wanted == 0)
        #expect(after.savedState(now: before.now) == saved)
        // Nothing learned is nothing to be warned of; anything else that is no state is.
        let nothing = PoolScaler(limits: PoolLimits(max: 10), concurrency: 10, policy: .hybrid, now: .origin)
        #expect(restored(nothing.savedState(now: .origin)).stateWarning == nil)
        for count in 1..<saved.count where count % 97 == 0 || count < 32 {
            #expect(restored(Array(saved.prefix(count))).stateWarning != nil)
        }
        for place in saved.indices where place % 61 == 0 {
            var damaged = saved
            damaged[place] ^= 4
            #expect(restored(damaged).stateWarning != nil, "byte \(place)")
        }
    }
}
