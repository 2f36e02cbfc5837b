import Scaling
import Testing

/// What remains of a burst that does not come again: a worker is let go as fast as what a wait may cost allows.
@Suite struct BurstTests {
    /// Workers in each minute, on average: 20 minutes of two requests a minute, then `burst` minutes with about a
    /// hundred requests in flight, then 40 minutes of two requests a minute again.
    private func workers(_ policy: String, burst: Int, seed: UInt64) throws -> (peak: Double, after: [Double]) {
        let calm = 20
        let trace = FunctionTrace(
            id: "f",
            perMinute: Array(repeating: 2, count: calm) + Array(repeating: 6_000, count: burst)
                + Array(repeating: 2, count: 40),
            durations: .init(constant: 1_000)
        )
        var parameters = SimulationParameters()
        parameters.keepsTimeline = true
        parameters.seed = seed
        let outcome = try Simulation.run(
            trace,
            index: 0,
            policy: SimulatedPolicy(parsing: policy),
            parameters: parameters
        )
        let workers = try #require(outcome.timeline).workers
        return (workers[calm..<(calm + burst)].max() ?? 0, Array(workers[(calm + burst)...]))
    }

    /// How many minutes after a burst of one minute, or of five, a single worker is left at most.
    @Test(arguments: [("adaptive:cost=lean", 3, 9), ("adaptive", 6, 9), ("adaptive:cost=eager", 11, 15)])
    func aBurstIsForgotten(_ policy: String, afterOne: Int, afterFive: Int) throws {
        for (burst, minutes) in [(1, afterOne), (5, afterFive)] {
            for seed in 1...4 as ClosedRange<UInt64> {
                let (peak, after) = try workers(policy, burst: burst, seed: seed)
                #expect(peak > 10)
                // A second worker may come back for a moment where both requests of a minute meet; ten do not.
                let late = after[minutes...].max() ?? 0
                #expect(late < 2.1, "\(policy), \(burst) minutes, seed \(seed): \(after)")
            }
        }
    }
}
