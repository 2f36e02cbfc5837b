package import WorkerProtocol

/// What the scaler hears of the gateways.
///
/// A gateway's name is new with each start of its process.
package enum GatewayEvent: Sendable {
    /// A gateway is connected, with its figures of all its pools.
    case connected(String, [PoolDemand])
    /// It is gone, and its figures with it.
    case disconnected(String)
    /// New figures of one pool.
    case demand(String, PoolDemand)
    /// The gateway has this function no more.
    case removed(String, function: String)
    /// What the other replicas find together of a pool.
    case othersClaim(String, PoolClaim)
    /// The gateway knows of no other replica any more that finds something of the pool.
    case othersSilent(String, function: String)
    /// How many gateways there are, and how many of them are connected.
    case reach(known: Int, connected: Int)
}

/// How much of the demand is seen.
package enum Sight: Hashable, Sendable {
    /// No gateway is connected.
    case none(known: Int)
    /// Some are: there may be more demand than is seen.
    case partial(known: Int, connected: Int)
    /// All that are known are.
    case full(connected: Int)
}
