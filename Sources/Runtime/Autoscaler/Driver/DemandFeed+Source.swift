import Demand
import WorkerProtocol

extension DemandFeed: DemandSource {
    package func listen(_ take: @Sendable ([GatewayWord]) async -> Void) async {
        for await events in batches { await take(events.compactMap(GatewayWord.init)) }
    }
}

extension GatewayWord {
    /// `nil` for what replicas tell each other that decide without a leader.
    init?(_ event: DemandEvent) {
        switch event {
        case .connected(let gateway, let figures): self = .connected(gateway.id, figures)
        case .disconnected(let gateway): self = .disconnected(gateway.id)
        case .demand(let gateway, let figures): self = .demand(gateway.id, figures)
        case .removed(let gateway, let function): self = .removed(gateway.id, function: function)
        case .othersClaim, .othersSilent: return nil
        case .reach(let known, let connected): self = .reach(known: known, connected: connected)
        }
    }
}
