import Dispatching
import Logging
import NIOCore
import Synchronization
import WorkerProtocol

/// The pools by name, and the routes that lead to them.
package final class PoolRegistry: Sendable {
    private struct State {
        var pools: [String: PoolDriver] = [:]
        var routes = RouteTable.empty
        var refusedWorkers: [String: UInt64] = [:]
        var countsDemand = false
    }

    private let state = Mutex(State())
    /// Names this gateway's process to its peers.
    let gatewayID = String(UInt64.random(in: .min ... .max), radix: 16)
    private let tokens: Mutex<[[UInt8]]>
    private let hub: ScalerHub
    private let loops: any EventLoopGroup
    private let logger: Logger

    init(tokens: [String], hub: ScalerHub, loops: any EventLoopGroup, logger: Logger) {
        self.tokens = Mutex(tokens.map { [UInt8]($0.utf8) })
        self.hub = hub
        self.loops = loops
        self.logger = logger
    }

    /// From now on peers must say one of these; those that are connected stay.
    package func accept(tokens: [String]) {
        self.tokens.withLock { $0 = tokens.map { [UInt8]($0.utf8) } }
    }

    /// The routes in force.
    var routes: RouteTable {
        state.withLock { $0.routes }
    }

    /// All pools, in the order of their names.
    package var pools: [PoolDriver] {
        state.withLock { $0.pools.values.sorted { $0.name < $1.name } }
    }

    /// The pool of this function.
    package func pool(_ name: String) -> PoolDriver? {
        state.withLock { $0.pools[name] }
    }

    /// Has all pools, and those to come, count for the demand log.
    func countDemand() {
        state.withLock { state in
            state.countsDemand = true
            for pool in state.pools.values { pool.countDemand() }
        }
    }

    /// How many workers were refused, by reason.
    package var refusedWorkers: [String: UInt64] {
        state.withLock { $0.refusedWorkers }
    }

    /// Puts these functions and routes in force: new pools are made, known ones changed, and those that are not named
    /// any more take no arrivals and are given back, to be ended once they are quiet.
    package func apply(_ functions: [PoolFunction]) throws -> (added: [PoolDriver], removed: [PoolDriver]) {
        try state.withLock { state in
            var pools: [String: PoolDriver] = [:]
            var added: [PoolDriver] = []
            for function in functions {
                if let known = state.pools[function.name] {
                    pools[function.name] = known
                } else {
                    let pool = PoolDriver(function, hub: hub, loop: loops.next(), logger: logger)
                    if state.countsDemand { pool.countDemand() }
                    pools[function.name] = pool
                    added.append(pool)
                }
            }
            let routes = try RouteTable(
                functions.compactMap { function in
                    pools[function.name].map { ($0, function) }
                }
            )
            for function in functions { pools[function.name]?.update(function) }
            let removed = state.pools.values.filter { pools[$0.name] == nil }
            state.pools = pools
            state.routes = routes
            for pool in removed {
                pool.stop()
                hub.tell(.removed(function: pool.name))
            }
            for pool in added { _ = pool.tellDemand() }
            return (added, removed)
        }
    }

    struct Refused: Error {
        let refusal: WorkerProtocol.Refusal
    }

    /// Whether a worker may join, and where.
    func admit(_ hello: Hello) -> Result<PoolDriver, Refused> {
        let versions = ProtocolLimits.version...ProtocolLimits.version
        if let refusal = admitPeer(version: hello.version, of: versions, token: hello.token) {
            return .failure(Refused(refusal: refusal))
        }
        guard let pool = pool(hello.function) else {
            return refuse(.function, "there is no function \(hello.function)", "function")
        }
        let wanted = pool.function.revision
        guard wanted == nil || hello.revision == wanted else {
            return refuse(.revision, "it is of a revision that was replaced", "revision")
        }
        return .success(pool)
    }

    /// Why a peer of any kind is not let in, or `nil`.
    func admitPeer(
        version: UInt16,
        of spoken: ClosedRange<UInt16>,
        token: String
    ) -> WorkerProtocol.Refusal? {
        guard spoken.contains(version) else {
            countRefusal("version")
            let versions = "it speaks version \(version), this gateway \(spoken.upperBound)"
            let reason = "\(versions); build both from the same source"
            return WorkerProtocol.Refusal(code: .version, reason: reason)
        }
        guard isToken(token) else {
            countRefusal("token")
            return WorkerProtocol.Refusal(code: .token, reason: "its token is not this gateway's")
        }
        return nil
    }

    /// Counts a peer that was not let in.
    func countRefusal(_ label: String) {
        state.withLock { $0.refusedWorkers[label, default: 0] += 1 }
    }

    private func refuse(
        _ code: WorkerProtocol.Refusal.Code,
        _ reason: String,
        _ label: String
    ) -> Result<PoolDriver, Refused> {
        countRefusal(label)
        return .failure(Refused(refusal: WorkerProtocol.Refusal(code: code, reason: reason)))
    }

    /// Compares in a time that does not tell how much of a token was right, nor of which.
    private func isToken(_ candidate: String) -> Bool {
        let candidate = [UInt8](candidate.utf8)
        var isOne = false
        for token in tokens.withLock({ $0 }) {
            var difference = candidate.count ^ token.count
            for index in token.indices {
                difference |= Int(token[index] ^ (index < candidate.count ? candidate[index] : 0))
            }
            isOne = (difference == 0 && !token.isEmpty) || isOne
        }
        return isOne
    }
}
