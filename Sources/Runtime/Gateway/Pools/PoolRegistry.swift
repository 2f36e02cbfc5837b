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
    }

    private let state = Mutex(State())
    private let token: [UInt8]
    private let loops: any EventLoopGroup
    private let logger: Logger

    init(token: String, loops: any EventLoopGroup, logger: Logger) {
        self.token = [UInt8](token.utf8)
        self.loops = loops
        self.logger = logger
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
                    let pool = PoolDriver(function, loop: loops.next(), logger: logger)
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
            for pool in removed { pool.stop() }
            return (added, removed)
        }
    }

    struct Refused: Error {
        let refusal: WorkerProtocol.Refusal
    }

    /// Whether a worker may join, and where.
    func admit(_ hello: Hello) -> Result<PoolDriver, Refused> {
        guard hello.version == ProtocolLimits.version else {
            let versions = "it speaks version \(hello.version), this gateway \(ProtocolLimits.version)"
            return refuse(.version, "\(versions); build the module and shopfn from the same source", "version")
        }
        guard isToken(hello.token) else {
            return refuse(.token, "its token is not this gateway's", "token")
        }
        guard let pool = pool(hello.function) else {
            return refuse(.function, "there is no function \(hello.function)", "function")
        }
        guard hello.revision == pool.function.revision else {
            return refuse(.revision, "it is of a revision that was replaced", "revision")
        }
        return .success(pool)
    }

    private func refuse(
        _ code: WorkerProtocol.Refusal.Code,
        _ reason: String,
        _ label: String
    ) -> Result<PoolDriver, Refused> {
        state.withLock { $0.refusedWorkers[label, default: 0] += 1 }
        return .failure(Refused(refusal: WorkerProtocol.Refusal(code: code, reason: reason)))
    }

    /// Compares in a time that does not tell how much of the token was right.
    private func isToken(_ candidate: String) -> Bool {
        let candidate = [UInt8](candidate.utf8)
        var difference = candidate.count ^ token.count
        for index in token.indices {
            difference |= Int(token[index] ^ (index < candidate.count ? candidate[index] : 0))
        }
        return difference == 0 && !token.isEmpty
    }
}
