import GatewayDemand
import Synchronization
import WorkerProtocol

/// What became of an invocation that a schedule asked for.
package enum FiringOutcome: Equatable, Sendable {
    /// The function's answer, or its gateway's in its stead, with what was said where that is a failure.
    case answered(status: Int, message: String)
    /// No gateway took it, for this reason: it has not been invoked.
    case refused(String)
    /// The gateway was lost before it answered: whether the function ran is not known.
    case lost
}

/// The invocations that gateways were asked for and have not answered yet.
final class Firings: Sendable {
    private struct Pending {
        var gateway: GatewayName
        var continuation: CheckedContinuation<FiringOutcome, Never>
    }

    private struct State {
        var gateways: [(name: GatewayName, send: @Sendable (ScalerFrame) -> Void)] = []
        var pending: [UInt64: Pending] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    func joined(_ gateway: GatewayName, send: @escaping @Sendable (ScalerFrame) -> Void) {
        state.withLock { $0.gateways.append((gateway, send)) }
    }

    func left(_ gateway: GatewayName) {
        let lost = state.withLock { state -> [Pending] in
            state.gateways.removeAll { $0.name == gateway }
            let numbers = state.pending.filter { $0.value.gateway == gateway }.map(\.key)
            return numbers.compactMap { state.pending.removeValue(forKey: $0) }
        }
        for pending in lost { pending.continuation.resume(returning: .lost) }
    }

    func answered(_ gateway: GatewayName, _ fired: Fired) {
        let pending = state.withLock { state in
            state.pending[fired.number]?.gateway == gateway ? state.pending.removeValue(forKey: fired.number) : nil
        }
        pending?.continuation.resume(
            returning: fired.status.map { .answered(status: Int($0), message: fired.message) }
                ?? .refused(fired.message)
        )
    }

    /// Asks one gateway after the other until one takes it, and waits for the answer; ends as lost with its task.
    func fire(_ function: String, schedule: String) async -> FiringOutcome {
        var asked: Set<GatewayName> = []
        var outcome = FiringOutcome.refused("no gateway is connected")
        while let gateway = next(but: asked) {
            asked.insert(gateway)
            outcome = await ask(gateway, function, schedule)
            guard case .refused = outcome else { break }
        }
        return outcome
    }

    /// Any of the gateways, so that they share the work.
    private func next(but asked: Set<GatewayName>) -> GatewayName? {
        state.withLock { state in state.gateways.map(\.name).filter { !asked.contains($0) }.randomElement() }
    }

    private func ask(_ gateway: GatewayName, _ function: String, _ schedule: String) async -> FiringOutcome {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let send = state.withLock { state -> (@Sendable (ScalerFrame) -> Void)? in
                    guard !Task.isCancelled, let found = state.gateways.first(where: { $0.name == gateway }) else {
                        return nil
                    }
                    state.pending[number] = Pending(gateway: gateway, continuation: continuation)
                    return found.send
                }
                guard let send else { return continuation.resume(returning: .refused("the gateway has just gone")) }
                send(.fire(Firing(number: number, function: function, schedule: schedule)))
            }
        } onCancel: {
            state.withLock { $0.pending.removeValue(forKey: number) }?.continuation.resume(returning: .lost)
        }
    }
}
