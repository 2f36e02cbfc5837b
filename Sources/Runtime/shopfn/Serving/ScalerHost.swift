import AdminPort
import Demand
import ExternalScaler
import Gateway
import GatewayDemand
import KedaScaler
import Logging
import Manifest
import NIOPosix
import Scaling
import ServiceLifecycle
import Time
import WorkerProtocol

/// Everything behind `shopfn keda-scaler`: the gateways' demand, the decisions, the port for KEDA and the admin port.
final class ScalerHost: Sendable {
    struct Settings: Sendable {
        var demand: DemandFeedConfiguration
        var host: String
        var port: Int
        var adminHost: String
        var adminPort: Int
        var security: ScalerSecurity
        var timing: ScalerTiming
        /// Where what is learned is kept; `nil` for nowhere.
        var state: ClusterStateService.Place?
    }

    private let settings: Settings
    private let host: ClusterHost
    private let driver: ScalerDriver
    private let server: ScalerServer
    private let learned: ClusterStateService?

    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) throws {
        self.settings = settings
        let group = MultiThreadedEventLoopGroup.singleton
        let feed = DemandFeed(settings.demand, logger: logger)
        let board = ScalerBoard(
            ScaledFunction.all(of: manifest.manifest),
            timing: settings.timing,
            wallClock: Duration.sinceEpoch - (Instant.now - .origin)
        )
        let driver = ScalerDriver(board, loop: group.next()) { word in
            switch word {
            case .wanted(let row):
                logger.debug(
                    "\(row.explanation)",
                    metadata: ["function": "\(row.function.name)", "workers": "\(row.wanted)"]
                )
                feed.report(row.status)
            case .claim(let claim): feed.claim(claim)
            case .removed(let function): feed.forget(function: function)
            case .warning(let warning): logger.warning("\(warning)")
            }
        }
        self.driver = driver
        learned = settings.state.map { ClusterStateService($0, driver: driver, logger: logger) }
        server = try ScalerServer(
            driver: driver,
            address: settings.host,
            port: settings.port,
            security: settings.security,
            group: group,
            logger: logger
        )
        let report = ScalerReport(driver: driver, server: server)
        host = ClusterHost(
            manifest,
            feed: feed,
            adminHost: settings.adminHost,
            adminPort: settings.adminPort,
            logger: logger
        ) {
            try report.answer($0)
        }
        // Each replica says what all agree on: whichever KEDA asks, the gateways may believe all.
        feed.lead(true)
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - load: Reads the manifest anew.
    ///   - whenReady: Called with the port for KEDA and the admin port once both listen.
    /// - Throws: `CommandFailure` where a port cannot be listened on.
    func run(
        load: @escaping @Sendable () throws -> LoadedManifest,
        whenReady: @escaping @Sendable (Int, Int) -> Void
    ) async throws {
        let (feed, driver, server, admin, settings) = (host.feed, driver, server, host.admin, settings)
        let demand = Running("demand") {
            await cancelWhenGracefulShutdown {
                for await batch in feed.batches { driver.take(batch) }
            }
        }
        let scaler = Running("scaler") {
            try await listen("port", settings.host, settings.port) { try await server.run() }
        }
        let announcement = Running("announcement") {
            // Where it cannot listen, the server says so itself.
            if let port = try? await server.port { whenReady(port, admin.port ?? settings.adminPort) }
            try? await gracefulShutdown()
        }
        try await host.run(
            stoppingWithin: .seconds(15),
            load: load,
            apply: { driver.replace(ScaledFunction.all(of: $0)) },
            whenReady: { _ in },
            part: { manifest in
                let floors = FloorService(manifest: manifest, take: { driver.schedule($0) })
                // What was learned is kept first, while all is as it was.
                return .init(first: [demand], last: [scaler, announcement, floors] + (learned.map { [$0] } ?? []))
            }
        )
    }
}
