package import GatewayDemand
package import WorkerProtocol

/// Where demand comes from, and whom to tell what is decided.
package protocol DemandSource: Sendable {
    /// Hands everything that is new to `take`, again and again, until the task ends.
    func listen(_ take: @Sendable ([DemandEvent]) async -> Void) async

    /// Whether this scaler decides.
    func lead(_ leads: Bool)
    func report(_ status: PoolStatus)
    func forget(function: String)

    /// Invocations that each worker of a pool has, by the worker's name.
    func loads(of function: String, within bound: Duration) async -> [String: Int]
}
