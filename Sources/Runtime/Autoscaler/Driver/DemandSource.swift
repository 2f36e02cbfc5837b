package import WorkerProtocol

/// What gateways told of their pools.
package enum GatewayWord: Sendable {
    /// A gateway is connected; with its figures of all pools it has.
    case connected(String, [PoolDemand])
    /// It is gone.
    case disconnected(String)
    case demand(String, PoolDemand)
    /// The gateway has this function no more.
    case removed(String, function: String)
    /// How many gateways there are, and how many of them are connected.
    case reach(known: Int, connected: Int)
}

/// Where demand comes from, and whom to tell what is decided.
package protocol DemandSource: Sendable {
    /// Hands everything that is new to `take`, again and again, until the task ends.
    func listen(_ take: @Sendable ([GatewayWord]) async -> Void) async

    /// Whether this scaler decides.
    func lead(_ leads: Bool)
    func report(_ status: PoolStatus)
    func forget(function: String)

    /// Invocations that each worker of a pool has, by the worker's name.
    func loads(of function: String, within bound: Duration) async -> [String: Int]
}
