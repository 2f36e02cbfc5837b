import Glibc
import Scaling
import Synchronization
import Time

/// Runs a plan: every policy over every function, policies side by side on the processors there are.
struct SimulationRun {
    private let plan: SimulationPlan

    init(_ plan: SimulationPlan) { self.plan = plan }

    /// One result a policy, in the plan's order.
    ///
    /// - Throws: `CommandFailure` where a request was lost, which is a mistake of the simulator's.
    func results() async throws -> [PolicyResult] {
        let plan = plan
        let progress = SimulationProgress(plan)
        var found: [Int: PolicyResult] = [:]
        try await withThrowingTaskGroup(of: (Int, PolicyResult).self) { group in
            for (order, policy) in plan.policies.enumerated() {
                group.addTask {
                    var result = PolicyResult(policy: policy.name)
                    for (index, trace) in plan.traces.enumerated() {
                        try Task.checkCancellation()
                        result.add(
                            try Self.run(trace, index: index, policy: policy, parameters: plan.parameters),
                            of: trace
                        )
                        progress.advance(by: trace.requests)
                    }
                    return (order, result)
                }
            }
            for try await (order, result) in group { found[order] = result }
        }
        progress.finish()
        return plan.policies.indices.compactMap { found[$0] }
    }

    /// One function under one policy.
    static func run(
        _ trace: FunctionTrace,
        index: Int,
        policy: SimulatedPolicy,
        parameters: SimulationParameters
    ) throws(CommandFailure) -> PoolOutcome {
        do throws(ConservationError) {
            return try Simulation.run(trace, index: index, policy: policy, parameters: parameters)
        } catch {
            throw CommandFailure(
                .functionFailed,
                code: "not-conserved",
                "\(error)",
                fix: "report this with the trace: the simulator is wrong"
            )
        }
    }
}

/// Says on a terminal how far it is; silent elsewhere.
final class SimulationProgress: Sendable {
    private let all: Int
    private let isShown = isatty(STDERR_FILENO) == 1
    private let begin = ContinuousClock.now
    /// Requests replayed, and the percentage shown last.
    private let state = Mutex((done: 0, shown: -1))

    init(_ plan: SimulationPlan) {
        all = Swift.max(1, plan.traces.reduce(0) { $0 + $1.requests } * plan.policies.count)
    }

    func advance(by requests: Int) {
        guard isShown else { return }
        state.withLock { state in
            state.done += requests
            let percent = Int(Double(state.done) / Double(all) * 100)
            guard percent > state.shown else { return }
            state.shown = percent
            Terminal.writeError("\r\u{1B}[Ksimulating: \(percent) %")
        }
    }

    func finish() {
        guard isShown else { return }
        let seconds = (ContinuousClock.now - begin).inSeconds
        let rate = Double(all) / Swift.max(seconds, 0.001)
        Terminal.writeError(
            "\r\u{1B}[Ksimulated \(all) requests in \(readable(ContinuousClock.now - begin)): \(Int(rate)) a second\n"
        )
    }
}
