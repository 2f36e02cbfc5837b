import Scaling
import Testing

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
}
