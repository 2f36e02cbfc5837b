import Scaling
import Testing
import Time

/// What the adaptive policy foretells of minutes.
@Suite struct RhythmTests {
    private func minutes(_ perMinute: [Int32]) -> [RhythmTraining.Minute] {
        RhythmTraining.minutes(
            of: FunctionTrace(id: "f", perMinute: perMinute, durations: .init(constant: 10)),
            index: 0,
            prior: RhythmTraining.Prior()
        )
    }

    /// A minute with a need was foretold once with gaps that already held the one which that need had ended.
    @Test(arguments: [1, 7, 30, 59, 90, 200, 300])
    func whatAMinuteBroughtIsNotKnownBeforehand(gap: Int) throws {
        var perMinute = [Int32](repeating: 0, count: 700)
        for minute in [3, 50, 60, 190] { perMinute[minute] = 1 }
        var called = perMinute
        called[190 + gap] = 1
        let without = minutes(Array(perMinute[...(190 + gap)]))
        let with = minutes(Array(called[...(190 + gap)]))
        let quiet = try #require(without.last)
        let busy = try #require(with.last)
        #expect(with.count == without.count)
        #expect(!quiet.needed && busy.needed)
        #expect(quiet.chance == busy.chance && quiet.inputs == busy.inputs && quiet.contexts == busy.contexts)
    }

    /// No single minute is remembered so long, only the pauses are.
    @Test(arguments: [180, 240, 360, 1_440])
    func whatComesEveryFewHoursOrOnceADayIsAwaitedInItsMinute(period: Int) {
        var pool = Driven(limits: PoolLimits(max: 10), policy: .adaptive())
        let rounds = 6
        for round in 0..<rounds {
            let minute = Double(round * period + 7)
            pool.pulse(at: minute * 60 + Double(11 + round * 5))
        }
        let next = Double(rounds * period + 7) * 60
        var warm = 0
        for minute in ((rounds - 1) * period + 8)..<(rounds * period + 5) {
            pool.advance(to: Double(minute) * 60 + 30)
            warm += pool.wanted
        }
        #expect(warm * 20 < period, "warm in \(warm) minutes before")
        pool.advance(to: next + 1)
        #expect(pool.wanted == 1)
    }

    /// A worker kept for as long as `idle` allows, and not needed, waits for the next request.
    @Test func aBoundOnIdlingHoldsBeyondThePlan() {
        var pool = Driven(limits: PoolLimits(max: 10, idle: .seconds(30)), policy: .adaptive(.eager))
        for round in 0..<12 { pool.pulse(at: Double(round) * 600 + 20) }
        let last = 11.0 * 600 + 20
        var since: Double?
        for second in stride(from: last + 1, to: last + 20_000, by: 1) {
            pool.advance(to: second)
            since = pool.wanted > 0 ? since ?? second : nil
            if let since { #expect(second - since <= 33) }
        }
    }
}
