import Demand
import WorkerProtocol

extension DemandFeed: DemandSource {
    package func listen(_ take: @Sendable ([GatewayWord]) async -> Void) async {
        for await events in batches { await take(events.map(GatewayWord.init)) }
    }
}

extension GatewayWord {
    init(_ event: DemandEvent) {
        self =
            switch event {
            case .connected(let gateway, let figures): .connected(gateway.id, figures)
            case .disconnected(let gateway): .disconnected(gateway.id)
            case .demand(let gateway, let figures): .demand(gateway.id, figures)
            case .removed(let gateway, let function): .removed(gateway.id, function: function)
            case .reach(let known, let connected): .reach(known: known, connected: connected)
            }
    }
}
