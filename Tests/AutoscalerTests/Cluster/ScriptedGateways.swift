import Autoscaler
import GatewayDemand
import Synchronization
import WorkerProtocol

/// Gateways whose words a test says, and that remember what they were told.
final class ScriptedGateways: DemandSource {
    private struct State: Sendable {
        var words: [DemandEvent] = []
        var waiter: CheckedContinuation<Void, Never>?
        var leads = false
        var statuses: [String: PoolStatus] = [:]
        var loads: [String: Int] = [:]
    }

    private let state = Mutex(State())

    var leads: Bool { state.withLock { $0.leads } }

    func status(of function: String) -> PoolStatus? { state.withLock { $0.statuses[function] } }

    func say(_ words: DemandEvent...) {
        let waiter = state.withLock { state in
            state.words += words
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// One gateway's figures of a function.
    func demand(_ function: String, _ inFlight: Int, ready: Int = 0, from gateway: GatewayName = "g") {
        say(.demand(gateway, Self.figures(function, inFlight, ready: ready)))
    }

    static func figures(_ function: String, _ inFlight: Int, ready: Int = 0) -> PoolDemand {
        PoolDemand(
            function: function,
            route: "",
            arrivals: 0,
            inFlight: inFlight,
            queued: 0,
            freeSlots: 0,
            readyWorkers: ready,
            leavingWorkers: 0,
            concurrency: 1
        )
    }

    func setLoads(_ loads: [String: Int]) { state.withLock { $0.loads = loads } }

    // MARK: As a scaler sees it

    func listen(_ take: @Sendable ([DemandEvent]) async -> Void) async {
        while !Task.isCancelled {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isAtOnce = state.withLock { state in
                        if !state.words.isEmpty || Task.isCancelled { return true }
                        state.waiter = continuation
                        return false
                    }
                    if isAtOnce { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.waiter.take() }?.resume()
            }
            let words = state.withLock { state in
                let taken = state.words
                state.words = []
                return taken
            }
            if !words.isEmpty { await take(words) }
        }
    }

    func lead(_ leads: Bool) { state.withLock { $0.leads = leads } }

    func report(_ status: PoolStatus) { state.withLock { $0.statuses[status.function] = status } }

    func forget(function: String) { state.withLock { $0.statuses[function] = nil } }

    func loads(of function: String, within bound: Duration) async -> [String: Int] { state.withLock { $0.loads } }
}

/// By its id alone.
extension GatewayName: ExpressibleByStringLiteral {
    package init(stringLiteral id: String) { self.init(id: id, address: id) }
}
