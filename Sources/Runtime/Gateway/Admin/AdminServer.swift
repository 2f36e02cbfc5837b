import AdminPort
package import Logging

/// Answers health checks, metrics and the state of the pools, apart from the shop's own port.
package final class AdminServer: Sendable {
    package typealias Reports = @Sendable () async -> [String: PoolReport]

    private let endpoint: AdminPort

    /// `reports`: What the pools' launcher knows, by function.
    package init(gateway: Gateway, host: String, port: Int, logger: Logger, reports: @escaping Reports) {
        let routes = AdminRoutes(gateway: gateway, reports: reports)
        endpoint = AdminPort(host: host, port: port, group: gateway.eventLoop, logger: logger) {
            try await routes.answer($0)
        }
    }

    /// The port, once it listens.
    package var port: Int? { endpoint.port }

    /// Listens.
    ///
    /// - Throws: what the system says of the address or the port.
    package func start() async throws { try await endpoint.start() }

    /// Listens no more, where ``run()`` was not come to; call it before the gateway's event loops end.
    package func stop() async { await endpoint.stop() }

    /// Answers until a graceful shutdown.
    package func run() async throws { try await endpoint.run() }
}

/// What the gateway's admin port has under which path.
private struct AdminRoutes: Sendable {
    let gateway: Gateway
    let reports: AdminServer.Reports

    func answer(_ path: String) async throws -> AdminAnswer {
        switch path {
        case "/livez":
            return AdminAnswer("ok")
        case "/readyz":
            return gateway.isReady ? AdminAnswer("ok") : AdminAnswer("not taking requests", status: 503)
        case "/metrics":
            return AdminAnswer(metrics: MetricsText(gateway: gateway, reports: await reports()).text)
        case "/api/pools":
            return try AdminAnswer(PoolsDocument(gateway: gateway, reports: await reports()).json)
        default:
            return try await explanation(path)
        }
    }

    private func explanation(_ path: String) async throws -> AdminAnswer {
        let prefix = "/api/pools/"
        guard path.hasPrefix(prefix), let report = await reports()[String(path.dropFirst(prefix.count))] else {
            return AdminAnswer("there are /livez, /readyz, /metrics, /api/pools and /api/pools/NAME", status: 404)
        }
        return try AdminAnswer(report.explanation())
    }
}
