import HTTPWire
import Synchronization

/// What all connections of the HTTP server share.
final class HTTPServer: Sendable {
    let configuration: GatewayConfiguration
    let pools: PoolRegistry
    private let counters = Mutex(Counters())

    private struct Counters {
        var statuses: [Int: UInt64] = [:]
        var violations: [RequestViolation.Reason: UInt64] = [:]
    }

    init(configuration: GatewayConfiguration, pools: PoolRegistry) {
        self.configuration = configuration
        self.pools = pools
    }

    var routes: RouteTable { pools.routes }

    /// Counts an answer that belongs to no function.
    func answered(_ status: Int) {
        counters.withLock { $0.statuses[status, default: 0] += 1 }
    }

    /// Counts a request that was none.
    func refused(_ violation: RequestViolation) {
        counters.withLock { $0.violations[violation.reason, default: 0] += 1 }
    }

    /// Answers that belong to no function, by status.
    var statuses: [Int: UInt64] {
        counters.withLock { $0.statuses }
    }

    /// Refused requests, by what was wrong.
    var violations: [String: UInt64] {
        counters.withLock { Dictionary($0.violations.map { ($0.key.rawValue, $0.value) }) { $0 + $1 } }
    }
}
