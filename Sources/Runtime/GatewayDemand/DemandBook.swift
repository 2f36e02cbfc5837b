package import Time
import WorkerProtocol

/// What all gateways together say of the pools; pure.
///
/// A gateway that is lost keeps its last figures for a grace time, if there is one: its requests do not end because this
/// side does not see them.
package struct DemandBook: Sendable {
    /// A pool's demand over all gateways.
    package struct Totals: Hashable, Sendable {
        package var inFlight = 0
        package var queued = 0
        package var freeSlots = 0
        /// The most that one gateway sees: each worker is connected to all of them.
        package var readyWorkers = 0
        package var leavingWorkers = 0
        /// Since this scaler began to look.
        package var arrivals: UInt64 = 0
        /// How many gateways speak of the pool.
        package var gateways = 0

        package init() {}
    }

    private struct Gateway: Sendable {
        var figures: [String: PoolDemand] = [:]
        /// When it was lost, if it was.
        var lostAt: Instant?
    }

    package let grace: Duration
    private var gateways: [GatewayName: Gateway] = [:]
    /// Arrivals told by gateways that are forgotten.
    private var formerArrivals: [String: UInt64] = [:]
    package private(set) var known = 0
    package private(set) var connected = 0

    package init(grace: Duration = .seconds(10)) {
        self.grace = grace
    }

    /// Whether every gateway there is has told its demand, so that what is not seen is not there.
    package var isComplete: Bool {
        connected > 0 && connected >= known && gateways.values.allSatisfy { $0.lostAt == nil }
    }

    /// When the next lost gateway is forgotten.
    package var nextExpiry: Instant? {
        gateways.values.compactMap { $0.lostAt }.min().map { $0 + grace }
    }

    /// All pools that any gateway speaks of.
    package var functions: Set<String> {
        gateways.values.reduce(into: []) { $0.formUnion($1.figures.keys) }
    }

    /// The functions of which any gateway has an invocation queued or running.
    package var busy: Set<String> {
        functions.filter { totals(of: $0).inFlight > 0 }
    }

    package func totals(of function: String) -> Totals {
        var totals = Totals()
        totals.arrivals = formerArrivals[function] ?? 0
        for gateway in gateways.values {
            guard let figures = gateway.figures[function] else { continue }
            totals.inFlight += figures.inFlight
            totals.queued += figures.queued
            totals.freeSlots += figures.freeSlots
            totals.readyWorkers = max(totals.readyWorkers, figures.readyWorkers)
            totals.leavingWorkers = max(totals.leavingWorkers, figures.leavingWorkers)
            totals.arrivals &+= figures.arrivals
            totals.gateways += 1
        }
        return totals
    }

    // MARK: Events

    /// A pool whose totals may be others than before.
    package struct Change: Hashable, Sendable {
        package var function: String
        /// Invocations that came to a gateway since it told of the pool before.
        package var arrived: Int

        package init(_ function: String, arrived: Int = 0) {
            self.function = function
            self.arrived = arrived
        }
    }

    /// Takes up what a gateway told.
    package mutating func take(_ event: DemandEvent, now: Instant) -> [Change] {
        switch event {
        case .connected(let gateway, let figures):
            let before = gateways[gateway]?.figures.keys.map { $0 } ?? []
            gateways[gateway] = Gateway(figures: Dictionary(figures.map { ($0.function, $0) }) { $1 })
            return Set(before).union(figures.map(\.function)).map { Change($0) }
        case .disconnected(let gateway):
            guard gateways[gateway] != nil else { return [] }
            // Its figures stay for the grace time.
            gateways[gateway]?.lostAt = now
            return grace > .zero ? [] : expire(now: now).map { Change($0) }
        case .demand(let gateway, let figures):
            // What comes late of one that is gone means nothing any more.
            guard gateways[gateway] != nil else { return [] }
            let before = gateways[gateway]?.figures.updateValue(figures, forKey: figures.function)
            let told = before?.arrivals ?? figures.arrivals
            let arrived = figures.arrivals > told ? Int(clamping: figures.arrivals - told) : 0
            return [Change(figures.function, arrived: arrived)]
        case .removed(let gateway, let function):
            guard let figures = gateways[gateway]?.figures.removeValue(forKey: function) else { return [] }
            formerArrivals[function, default: 0] &+= figures.arrivals
            return [Change(function)]
        case .othersClaim, .othersSilent: return []
        case .reach(let known, let connected):
            self.known = known
            self.connected = connected
            return []
        }
    }

    /// Whether a gateway is connected.
    package func isConnected(_ gateway: GatewayName) -> Bool {
        gateways[gateway].map { $0.lostAt == nil } ?? false
    }

    /// Gateways that have told their figures and are not lost.
    package var seen: Int { gateways.values.reduce(0) { $0 + ($1.lostAt == nil ? 1 : 0) } }

    /// Forgets the gateways whose grace has passed; returns the functions whose totals changed.
    package mutating func expire(now: Instant) -> Set<String> {
        var changed: Set<String> = []
        for (name, gateway) in gateways {
            guard let lostAt = gateway.lostAt, lostAt + grace <= now else { continue }
            gateways[name] = nil
            for (function, figures) in gateway.figures {
                formerArrivals[function, default: 0] &+= figures.arrivals
                changed.insert(function)
            }
        }
        return changed
    }
}
