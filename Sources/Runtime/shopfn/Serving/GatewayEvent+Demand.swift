import Demand
import ExternalScaler
import Scaling
import WorkerProtocol

extension GatewayEvent {
    /// What a feed told, in the scaler's terms.
    init(_ event: DemandEvent) {
        self =
            switch event {
            case .connected(let gateway, let pools): .connected(gateway.id, pools)
            case .disconnected(let gateway): .disconnected(gateway.id)
            case .demand(let gateway, let pool): .demand(gateway.id, pool)
            case .removed(let gateway, let function): .removed(gateway.id, function: function)
            case .othersClaim(let gateway, let claim): .othersClaim(gateway.id, claim)
            case .othersSilent(let gateway, let function): .othersSilent(gateway.id, function: function)
            case .reach(let known, let connected): .reach(known: known, connected: connected)
            }
    }
}

extension ScalerBoard.Row {
    /// What the gateways are told of the pool.
    var status: PoolStatus {
        PoolStatus(
            function: function.name,
            wanted: wanted,
            pods: ready,
            reason: explanation,
            policy: function.policy.name,
            failure: nil
        )
    }
}
