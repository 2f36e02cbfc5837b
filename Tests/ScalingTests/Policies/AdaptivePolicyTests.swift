import Scaling
import Testing
import Time

@Suite struct AdaptivePolicyTests {
    private func pool(_ cost: WaitCost = .balanced, max: Int = 100, saved: [UInt8]? = nil) -> Driven {
        Driven(limits: PoolLimits(max: max), policy: .adaptive(cost), saved: saved)
    }

    /// Drives demand that is a function of time, told once a second, and notes what was wanted.
    private func drive(
        _ pool: inout Driven,
        seconds: Range<Int>,
        _ demand: (Int) -> Int
    ) -> [(second: Int, wanted: Int)] {
        var noted: [(Int, Int)] = []
        var last = -1
        for second in seconds {
            pool.advance(to: Double(second))
            pool.demand(demand(second))
            pool.workers(ready: pool.wanted)
            if pool.wanted != last {
                noted.append((second, pool.wanted))
                last = pool.wanted
            }
        }
        return noted
    }

    @Test func whatIsNeededIsThereAtOnce() {
        var pool = pool()
        #expect(pool.demand(1)?.wanted == 1)
        #expect(pool.demand(41)?.wanted == 5)
        pool.demand(40)
        #expect(pool.wanted >= 4)
    }

    @Test func whoWasCalledOnceIsLetGo() {
        var pool = pool()
        pool.pulse(at: 100)
        #expect(pool.wanted == 1)
        pool.advance(to: 12 * 3600)
        #expect(pool.wanted == 0)
    }

    @Test(arguments: [5, 10, 15, 30, 60]) func aClockIsLearned(_ period: Int) {
        var pool = pool()
        for round in 0..<40 { pool.pulse(at: Double(round * period * 60 + 25)) }
        let due = Double(40 * period * 60 + 25)
        // There before the call, and, where the gap is worth it, gone between.
        pool.advance(to: due - 1)
        #expect(pool.wanted == 1)
        if period >= 10 {
            pool = self.pool()
            for round in 0..<40 { pool.pulse(at: Double(round * period * 60 + 25)) }
            pool.advance(to: due - Double(period * 30))
            #expect(pool.wanted == 0)
            #expect(pool.scaler.explanation.planned?.wanted == 1)
        }
    }

    @Test func aHigherPriceOfWaitingKeepsLonger() {
        func gone(_ cost: WaitCost) -> Double {
            var pool = pool(cost)
            pool.pulse(at: 10)
            for second in stride(from: 10.0, to: 40_000, by: 10) {
                pool.advance(to: second)
                if pool.wanted == 0 { return second }
            }
            return .infinity
        }
        let (lean, balanced, eager) = (gone(.lean), gone(.balanced), gone(.eager))
        #expect(lean < eager)
        #expect(lean <= balanced && balanced <= eager)
    }

    // MARK: No oscillation

    @Test(arguments: [1, 10, 11, 25, 100]) func constantDemandChangesNothing(_ inFlight: Int) {
        var pool = pool()
        let noted = drive(&pool, seconds: 0..<7200) { _ in inFlight }
        #expect(noted.count == 1 && noted[0].wanted == (inFlight + 9) / 10)
    }

    @Test func aFastSquareWaveIsRidden() {
        var pool = pool()
        _ = drive(&pool, seconds: 0..<600) { $0 / 10 % 2 == 0 ? 5 : 35 }
        let noted = drive(&pool, seconds: 600..<4200) { $0 / 10 % 2 == 0 ? 5 : 35 }
        // A start costs more than ten idle seconds: once it knows the wave, it stays on its crest.
        #expect(noted.map(\.wanted) == [4])
    }

    @Test(arguments: [60, 300, 1800, 3600]) func aSquareWaveMovesEachLevelAtMostOnceADirection(_ half: Int) {
        var pool = pool()
        let periods = 24
        var changes = 0
        var last = 0
        for period in 0..<periods {
            let begin = period * 2 * half
            let noted = drive(&pool, seconds: begin..<(begin + 2 * half)) { ($0 - begin) < half ? 35 : 5 }
            for note in noted {
                changes += (note.wanted - last).magnitude > 0 ? Int((note.wanted - last).magnitude) : 0
                last = note.wanted
            }
        }
        // Three levels come and go with the wave; a start ahead of time is the same start.
        #expect(changes <= periods * 3 * 2 + 4)
    }

    @Test func onAndOffStartsNoMoreOftenThanCalled() {
        for (on, off) in [(5, 5), (30, 30), (5, 120), (60, 600)] {
            var pool = pool()
            let period = on + off
            let rounds = 7200 / period
            let noted = drive(&pool, seconds: 0..<(rounds * period)) { $0 % period < on ? 5 : 0 }
            let starts = zip(noted, noted.dropFirst()).count { $0.wanted < $1.wanted } + 1
            #expect(starts <= rounds + 1)
        }
    }

    @Test func aRampIsFollowedInItsDirection() {
        var pool = pool()
        let up = drive(&pool, seconds: 0..<1800) { $0 / 10 }
        #expect(up.map(\.wanted) == up.map(\.wanted).sorted())
        #expect(up.last?.wanted == 18)
        let down = drive(&pool, seconds: 1800..<5400) { Swift.max(0, 180 - ($0 - 1800) / 10) }
        #expect(down.map(\.wanted) == down.map(\.wanted).sorted(by: >))
    }

    @Test func aRampAndItsReturnNeverPassTheMaximum() {
        var pool = pool(max: 7)
        let noted = drive(&pool, seconds: 0..<3600) { $0 % 600 }
        #expect((noted.map(\.wanted).max() ?? 0) == 7)
    }

    // MARK: Saved state

    private func learned() -> Driven {
        var pool = pool()
        for round in 0..<30 {
            pool.advance(to: Double(round * 600 + 25))
            pool.demand(175)
            pool.advance(to: Double(round * 600 + 27))
            pool.demand(0)
        }
        return pool
    }

    @Test func whatWasLearnedSurvivesARestart() {
        let before = learned()
        let saved = before.scaler.savedState(now: before.now)
        #expect(!saved.isEmpty && saved.count <= 8192)
        var after = PoolScaler(
            limits: PoolLimits(max: 100),
            concurrency: 10,
            policy: .adaptive(),
            startTime: .seconds(2),
            saved: saved,
            now: before.now
        )
        #expect(after.stateWarning == nil)
        // What it knows is what the other knew, to a byte's exactness.
        #expect(after.savedState(now: before.now).count == saved.count)
        var now = before.now
        while let next = after.decision.nextCheck, next < .origin + .seconds(30 * 600 + 24) {
            now = next
            _ = after.timerFired(now: next)
        }
        #expect(now > before.now)
        #expect(after.decision.wanted >= 1)
    }

    @Test func damageIsNoticedAndLeavesAFreshPool() {
        let before = learned()
        let saved = before.scaler.savedState(now: before.now)
        func restored(_ bytes: [UInt8]) -> PoolScaler {
            PoolScaler(
                limits: PoolLimits(max: 100),
                concurrency: 10,
                policy: .adaptive(),
                saved: bytes,
                now: before.now
            )
        }
        for index in stride(from: 0, to: saved.count, by: 61) {
            var bytes = saved
            bytes[index] ^= 0x10
            #expect(restored(bytes).stateWarning?.contains("was discarded") == true)
        }
        for count in [0, 1, 10, saved.count - 1] {
            #expect(restored(Array(saved.prefix(count))).stateWarning != nil)
        }
        #expect(restored(saved + [0]).stateWarning != nil)
        #expect(restored(Array(repeating: 7, count: 9000)).stateWarning?.contains("more than 8192") == true)
    }
}

extension AdaptivePolicyTests {
    /// Requests at these seconds of each of an hour's minutes, then in the minute after it; gives the workers wanted
    /// `wait` seconds after the last of those.
    private func wanted(_ seconds: [Double], then last: [Double], wait: Double) -> Int {
        var pool = Driven(limits: PoolLimits(max: 10), policy: .adaptive(.lean))
        for minute in 0..<60 {
            for second in seconds { pool.pulse(at: Double(minute) * 60 + second) }
        }
        for second in last { pool.pulse(at: 3_600 + second) }
        pool.advance(to: 3_600 + (last.last ?? 0) + wait)
        return pool.wanted
    }

    @Test func onceAMinuteHadItsRequestsTheWorkerGoes() {
        // Three a minute: after the second the third is awaited, after the third nothing until the next minute.
        #expect(wanted([8, 16, 24], then: [8, 16], wait: 5) == 1)
        #expect(wanted([8, 16, 24], then: [8, 16, 24], wait: 5) == 0)
        // The same at other times, so that it is the count that tells and not the clock.
        #expect(wanted([2, 9, 16], then: [2, 9, 16], wait: 5) == 0)
    }

    /// A worker that is expected to be needed soon stays through moments in which not even the first one is.
    @Test func aMomentWithoutDemandTakesNoWorkerThatIsExpected() {
        var pool = Driven(
            limits: PoolLimits(min: 0, max: 8),
            concurrency: 32,
            policy: .adaptive(),
            startTime: .milliseconds(5)
        )
        // The second worker is needed each time the first is nearly full, so that it is expected from then on.
        for second in 0..<60 {
            pool.advance(to: Double(second))
            for inFlight in [5, 25, 40, 10] { pool.demand(inFlight) }
            pool.workers(ready: 2)
        }
        var changes = 0
        for step in 0..<3_000 {
            pool.advance(to: 60 + Double(step) * 0.002)
            let before = pool.wanted
            pool.demand([25, 0, 1][step % 3])
            if pool.wanted != before { changes += 1 }
        }
        #expect(changes <= 4)
    }
}
