import HTTPWire
import Logging
import Synchronization

/// What all connections of the HTTP server share.
final class HTTPServer: Sendable {
    let configuration: GatewayConfiguration
    let pools: PoolRegistry
    private let complaints: Complaints
    private let counters = Mutex(Counters())

    private struct Counters {
        var statuses: [Int: UInt64] = [:]
        var violations: [RequestViolation.Reason: UInt64] = [:]
    }

    init(configuration: GatewayConfiguration, pools: PoolRegistry, complaints: Complaints) {
        self.configuration = configuration
        self.pools = pools
        self.complaints = complaints
    }

    var routes: RouteTable { pools.routes }

    /// Counts an answer that belongs to no function.
    func answered(_ status: Int) {
        counters.withLock { $0.statuses[status, default: 0] += 1 }
    }

    /// Logs that a function's time ran out, which its own log does not tell: once a second of each function, for there
    /// may be any number.
    func wasLate(_ function: String, requestID: String, _ problem: GatewayProblem) {
        complaints.warn(
            "\(problem.detail.dropLast())",
            kind: "late \(function)",
            ["function": "\(function)", "requestId": "\(requestID)"]
        )
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
