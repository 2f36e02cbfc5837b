import AdminPort
import Demand
import ExternalScaler
import Gateway
import KedaScaler
import LocalLauncher
import Logging
import Manifest
import NIOPosix
import ServiceLifecycle
import Synchronization
import Time
import UnixSignals
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
    private let manifest: LoadedManifest
    private let feed: DemandFeed
    private let driver: ScalerDriver
    private let server: ScalerServer
    private let learned: ClusterStateService?
    private let admin: AdminPort
    private let logger: Logger

    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) throws {
        self.settings = settings
        self.manifest = manifest
        self.logger = logger
        let group = MultiThreadedEventLoopGroup.singleton
        let feed = DemandFeed(settings.demand, logger: logger)
        self.feed = feed
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
        admin = AdminPort(host: settings.adminHost, port: settings.adminPort, group: group, logger: logger) {
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
        do {
            try await admin.start()
        } catch {
            throw ShopServer.noPort("admin-port", settings.adminHost, settings.adminPort, error)
        }
        let (feed, driver, server, admin, settings) = (feed, driver, server, admin, settings)
        let manifest = Mutex(self.manifest.manifest)
        var reloading = ReloadService(
            load: load,
            apply: { loaded in
                manifest.withLock { $0 = loaded.manifest }
                driver.replace(ScaledFunction.all(of: loaded.manifest))
            },
            whenReady: {},
            logger: logger
        )
        let path = self.manifest.path
        reloading.fingerprint = { FileWatch.fingerprint(of: [path]) }
        var configuration = ServiceGroupConfiguration(
            services: [
                feed,
                Running("demand") {
                    await cancelWhenGracefulShutdown {
                        for await batch in feed.batches { driver.take(batch.map(GatewayEvent.init)) }
                    }
                },
                Running("admin") { try await admin.run() },
                Running("scaler") {
                    do {
                        try await server.run()
                    } catch {
                        throw ShopServer.noPort("port", settings.host, settings.port, error)
                    }
                },
                Running("announcement") {
                    // Where it cannot listen, the server says so itself.
                    if let port = try? await server.port { whenReady(port, admin.port ?? settings.adminPort) }
                    try? await gracefulShutdown()
                },
                reloading,
                FloorService(manifest: { manifest.withLock { $0 } }, take: { driver.schedule($0) }),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // Last, so that it is stopped first and finds all as it was.
        if let learned { configuration.services.append(.init(service: learned)) }
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: configuration).run()
    }
}
