package import Kubernetes
package import WorkerProtocol

/// What the core wants done.
package enum AutoscalerAction: Sendable {
    /// Set a Deployment's scale; to be answered by `patched` or `patchFailed`.
    case patch(function: String, replicas: Int)
    /// See to it that idle pods go first when so many are removed; to be answered by `prepared`.
    case prepare(function: String, removing: Int)
    /// Tell the gateways of a pool.
    case report(PoolStatus)
    /// Tell the gateways that a pool is no more.
    case forget(function: String)
    /// Write down at the Deployment that its pods do not come up.
    case record(ObjectReference, PoolFailure)
    /// Say something in the log.
    case warn(String)
}
