import Scaling
import Testing
import Time

/// The bytes in which what was learned outlives a restart.
@Suite struct LearnedStatesTests {
    private func learned(_ policy: PolicyChoice, gap: Double) -> [UInt8] {
        var pool = Driven(limits: PoolLimits(max: 8), policy: policy)
        for round in 0..<200 {
            pool.advance(to: Double(round) * gap)
            pool.demand(round % 70)
            pool.demand(0)
        }
        return pool.scaler.savedState(now: pool.now)
    }

    @Test func whatIsWrittenIsRead() {
        let states = LearnedStates(pools: [
            "list-products": learned(.adaptive(), gap: 30), "place-order": learned(.adaptive(), gap: 700),
            "fixed": learned(.fixed(), gap: 10),
        ])
        let (read, problem) = LearnedStates.decode(states.encoded)
        #expect(read == states && problem == nil)
        #expect(states.pools.values.allSatisfy { $0.count <= 8_192 })
    }

    @Test func aFileCutOffAnywhereKeepsThePoolsBefore() {
        let states = LearnedStates(pools: ["a": learned(.fixed(), gap: 10), "b": learned(.adaptive(), gap: 30)])
        let bytes = states.encoded
        for count in bytes.indices {
            let (read, problem) = LearnedStates.decode(Array(bytes.prefix(count)))
            #expect(read.pools.allSatisfy { states.pools[$0.key] == $0.value })
            // Between two pools nothing shows that more was to come.
            #expect(problem != nil || read.pools.count < 2)
        }
    }

    @Test func aPoolsOwnDamageIsItsOwn() {
        let good = learned(.adaptive(), gap: 30)
        for index in stride(from: 0, to: good.count, by: 7) {
            var bad = good
            bad[index] ^= 0x40
            let states = LearnedStates(pools: ["a": bad, "b": good])
            let read = LearnedStates.decode(states.encoded).states
            let scalers = ["a", "b"].map {
                PoolScaler(
                    limits: PoolLimits(max: 8),
                    concurrency: 10,
                    policy: .adaptive(),
                    saved: read.pools[$0],
                    now: .origin + .seconds(10_000)
                )
            }
            #expect(scalers[0].stateWarning != nil && scalers[1].stateWarning == nil)
        }
    }

    @Test func noiseIsRefusedAndNeverTrapped() {
        var seed: UInt64 = 7
        func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed >> 33
        }
        let head = Array("shopfn learned state 1\n".utf8)
        for round in 0..<2_000 {
            let noise = (0..<Int(next() % 300)).map { _ in UInt8(truncatingIfNeeded: next()) }
            let (states, _) = LearnedStates.decode((round % 2 == 0 ? head : []) + noise)
            for saved in states.pools.values {
                _ = PoolScaler(
                    limits: PoolLimits(max: 8),
                    concurrency: 10,
                    policy: .adaptive(),
                    saved: saved,
                    now: .origin
                )
            }
        }
        for line in ["a -5\nx\n", "a 9999999999999999999\n", "a 8193\n", "a\n", " 4\nabcd\n", "a 4\nabcdX", "a 0\n\n"] {
            #expect(LearnedStates.decode(head + Array(line.utf8)).problem != nil, "\(line)")
        }
    }
}
