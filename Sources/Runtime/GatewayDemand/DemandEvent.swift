package import WorkerProtocol

/// A gateway's process.
///
/// The id is new with each start of the process, so a gateway that came again is another.
package struct GatewayName: Hashable, Sendable {
    package let id: String
    /// Where it was reached.
    package let address: String

    package init(id: String, address: String) {
        self.id = id
        self.address = address
    }
}

/// What a scaler hears of the gateways.
package enum DemandEvent: Hashable, Sendable {
    /// A gateway is connected, with its figures of all its pools.
    case connected(GatewayName, [PoolDemand])
    /// A gateway is gone: its figures are to be forgotten.
    case disconnected(GatewayName)
    /// New figures of one pool; only the last ones where the reader was slow.
    case demand(GatewayName, PoolDemand)
    /// The gateway has this function no more.
    case removed(GatewayName, function: String)
    /// What the other replicas find together of a pool that this one claims.
    case othersClaim(GatewayName, PoolClaim)
    /// No other replica claims this function at the gateway any more.
    case othersSilent(GatewayName, function: String)
    /// How many gateways the names lead to, and how many of them are connected; told whenever it changes.
    ///
    /// Where fewer are connected than known, some demand is not seen: nothing should be scaled down for the lack of it.
    case reach(known: Int, connected: Int)
}
