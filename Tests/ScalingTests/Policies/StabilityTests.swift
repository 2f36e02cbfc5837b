import Randomness
import Scaling
import Testing
import Time

/// No policy oscillates or passes its caps, with windows of a schedule and without, whatever demand does.
@Suite struct StabilityTests {
    enum Shape: String, CaseIterable {
        case square
        case ramp
        case onAndOff

        /// Invocations in flight at a second; each shape repeats itself every `period`.
        func demand(_ second: Int, period: Int) -> Int {
            let phase = second % period
            switch self {
            case .square: return phase < period / 2 ? 35 : 5
            case .ramp: return 40 * Swift.min(phase, period - phase) * 2 / period
            case .onAndOff: return phase < period / 4 ? 8 : 0
            }
        }
    }

    /// Runs hours of demand told once a second, and gives the workers wanted at each change, with its second.
    private func run(
        _ pool: inout Driven,
        seconds: Int,
        windows: [(at: Double, min: Int)] = [],
        _ demand: (Int) -> Int
    ) -> [(second: Int, wanted: Int)] {
        if !windows.isEmpty { pool.schedule(windows) }
        var changes = [(0, pool.wanted)]
        for second in 0..<seconds {
            pool.advance(to: Double(second))
            pool.demand(demand(second))
            pool.workers(ready: pool.wanted)
            if pool.wanted != changes[changes.count - 1].1 { changes.append((second, pool.wanted)) }
        }
        return changes
    }

    /// Workers added and taken away, summed up.
    private func moves(_ changes: [(second: Int, wanted: Int)]) -> Int {
        zip(changes, changes.dropFirst()).reduce(0) { $0 + Int(($1.1.wanted - $1.0.wanted).magnitude) }
    }

    @Test(arguments: PolicyChoice.all, Shape.allCases)
    func nobodyMovesMoreThanDemandDoes(_ policy: PolicyChoice, _ shape: Shape) {
        for period in [120, 600, 1800] {
            var pool = Driven(limits: PoolLimits(max: 20), policy: policy)
            let rounds = 10_800 / period
            let changes = run(&pool, seconds: rounds * period) { shape.demand($0, period: period) }
            // The levels demand passes, up and down again, one more each way that averages overshoot by, and as much
            // again for what `hybrid`'s margin and a burst's panic add.
            let highest = (0..<period).map { shape.demand($0, period: period) }.max() ?? 0
            let levels = (highest + 9) / 10
            #expect(moves(changes) <= rounds * 2 * (2 * levels + 2), "\(policy.name) \(shape) of \(period) s")
        }
    }

    @Test(arguments: PolicyChoice.all, Shape.allCases)
    func aWindowMovesWorkersOnlyAtItsEdges(_ policy: PolicyChoice, _ shape: Shape) {
        // More than demand needs and no more than the cap: within the window nothing moves.
        var pool = Driven(limits: PoolLimits(max: 12), policy: policy)
        let changes = run(&pool, seconds: 9_000, windows: [(0, 0), (3_600, 12), (7_200, 0)]) {
            shape.demand($0, period: 300)
        }
        #expect(changes.filter { $0.second > 3_600 && $0.second < 7_200 }.isEmpty, "\(policy.name) \(shape)")
        #expect(changes.contains { $0.second == 3_600 && $0.wanted == 12 })
        #expect(changes.contains { $0.second >= 7_200 && $0.wanted < 12 })
    }

    @Test(arguments: PolicyChoice.all) func capsHoldWhateverComes(_ policy: PolicyChoice) {
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let min = random.below(4)
            let limits = PoolLimits(
                min: min,
                max: min + 1 + random.below(9),
                idle: random.below(2) == 0 ? nil : .seconds(1 + random.below(600))
            )
            var pool = Driven(limits: limits, concurrency: 1 + random.below(20), policy: policy)
            pool.schedule(
                (0..<6).map { (at: Double($0 * 700 + random.below(600)), min: random.below(20)) }
            )
            var at = 0.0
            var inFlight = 0
            for _ in 0..<600 {
                at += [0, 0.01, 0.5, 3, 20, 90][random.below(6)]
                pool.advance(to: at)
                inFlight = random.below(4) == 0 ? random.below(400) : Swift.max(0, inFlight + random.below(3) - 1)
                pool.demand(inFlight)
                #expect((limits.min...limits.max).contains(pool.wanted))
                if random.below(3) == 0 { pool.workers(ready: random.below(limits.max + 1)) }
                #expect((limits.min...limits.max).contains(pool.wanted))
            }
            #expect(pool.scaler.history.allSatisfy { $0.wanted <= limits.max })
            #expect(pool.scaler.savedState(now: pool.now).count <= 8_192)
        }
    }
}
