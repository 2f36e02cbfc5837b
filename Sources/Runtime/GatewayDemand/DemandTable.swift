package import WorkerProtocol

/// What the gateways said and the reader has not yet heard: the last word per gateway and pool.
///
/// Pure. However slow the reader is, it holds no more than one entry per gateway and pool.
package struct DemandTable {
    private struct Gateway {
        /// It is connected now.
        var isConnected = false
        /// The reader knows of this connection.
        var isAnnounced = false
        /// The reader knows of a former connection, and has to hear of its end first.
        var owesGoodbye = false
        var pools: [String: PoolDemand] = [:]
        /// Functions whose figures the reader has not heard.
        var changed: Set<String> = []
        var removed: Set<String> = []
        /// What other replicas find, where the reader has not heard of it; `nil` for nothing any more.
        var claims: [String: PoolClaim?] = [:]

        var hasNews: Bool {
            owesGoodbye || (isConnected && !isAnnounced) || !changed.isEmpty || !removed.isEmpty || !claims.isEmpty
        }
    }

    private struct Reach: Equatable {
        var known = 0
        var connected = 0
    }

    private var gateways: [GatewayName: Gateway] = [:]
    private var reach = Reach()
    private var toldReach = Reach()

    package init() {}

    /// A gateway is connected and told all its pools.
    package mutating func connected(_ name: GatewayName, _ pools: [PoolDemand]) {
        var gateway = gateways[name] ?? Gateway()
        gateway.owesGoodbye = gateway.owesGoodbye || gateway.isAnnounced
        gateway.isConnected = true
        gateway.isAnnounced = false
        gateway.pools = Dictionary(pools.map { ($0.function, $0) }) { $1 }
        gateway.changed = []
        gateway.removed = []
        gateway.claims = [:]
        gateways[name] = gateway
    }

    package mutating func disconnected(_ name: GatewayName) {
        guard var gateway = gateways[name] else { return }
        guard gateway.isAnnounced || gateway.owesGoodbye else {
            gateways[name] = nil
            return
        }
        gateway = Gateway(owesGoodbye: true)
        gateways[name] = gateway
    }

    package mutating func demand(_ name: GatewayName, _ demand: PoolDemand) {
        guard gateways[name]?.isConnected == true else { return }
        gateways[name]?.pools[demand.function] = demand
        gateways[name]?.removed.remove(demand.function)
        if gateways[name]?.isAnnounced == true { gateways[name]?.changed.insert(demand.function) }
    }

    package mutating func removed(_ name: GatewayName, function: String) {
        guard gateways[name]?.pools.removeValue(forKey: function) != nil else { return }
        gateways[name]?.changed.remove(function)
        if gateways[name]?.isAnnounced == true { gateways[name]?.removed.insert(function) }
    }

    /// What the other replicas find of a function; `nil` where none claims it.
    package mutating func othersClaim(_ name: GatewayName, function: String, _ claim: PoolClaim?) {
        guard gateways[name]?.isConnected == true else { return }
        gateways[name]?.claims.updateValue(claim, forKey: function)
    }

    package mutating func reach(known: Int, connected: Int) {
        reach = Reach(known: known, connected: connected)
    }

    /// Whether there is anything the reader has not heard.
    package var hasNews: Bool {
        toldReach != reach || gateways.values.contains { $0.hasNews }
    }

    /// Everything the reader has not heard, in an order that makes sense.
    package mutating func take() -> [DemandEvent] {
        var events: [DemandEvent] = []
        for (name, var gateway) in gateways where gateway.hasNews {
            if gateway.owesGoodbye { events.append(.disconnected(name)) }
            gateway.owesGoodbye = false
            guard gateway.isConnected else {
                gateways[name] = nil
                continue
            }
            if gateway.isAnnounced {
                events += gateway.removed.map { .removed(name, function: $0) }
                events += gateway.changed.compactMap { gateway.pools[$0] }.map { .demand(name, $0) }
            } else {
                events.append(.connected(name, Array(gateway.pools.values)))
                gateway.isAnnounced = true
            }
            for (function, claim) in gateway.claims {
                events.append(claim.map { .othersClaim(name, $0) } ?? .othersSilent(name, function: function))
            }
            gateway.changed = []
            gateway.removed = []
            gateway.claims = [:]
            gateways[name] = gateway
        }
        if toldReach != reach {
            events.append(.reach(known: reach.known, connected: reach.connected))
            toldReach = reach
        }
        return events
    }
}
