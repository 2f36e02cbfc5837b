import ExternalScaler
import Scaling
import WorkerProtocol

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
