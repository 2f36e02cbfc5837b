import Demand
package import GatewayDemand

extension DemandFeed: DemandSource {
    package func listen(_ take: @Sendable ([DemandEvent]) async -> Void) async {
        for await events in batches { await take(events) }
    }
}
