import AdminPort
import Autoscaler
import Demand
import Kubernetes
import LocalLauncher
import Logging
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Everything behind `shopfn autoscaler`: the gateways' demand, the decisions carried out, and the admin port.
final class AutoscalerHost: Sendable {
    struct Settings: Sendable {
        var demand: DemandFeedConfiguration
        var cluster: ClusterConfiguration
        var autoscaler: AutoscalerSettings
        var adminHost: String
        var adminPort: Int
    }

    private let settings: Settings
    private let manifest: LoadedManifest
    private let feed: DemandFeed
    private let autoscaler: Autoscaler
    private let admin: AdminPort
    private let logger: Logger

    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) {
        self.settings = settings
        self.manifest = manifest
        self.logger = logger
        feed = DemandFeed(settings.demand, logger: logger)
        let autoscaler = Autoscaler(
            AutoscaledFunction.all(of: manifest.manifest),
            settings: settings.autoscaler,
            cluster: settings.cluster,
            source: feed,
            logger: logger
        )
        self.autoscaler = autoscaler
        let report = AutoscalerReport(autoscaler)
        admin = AdminPort(
            host: settings.adminHost,
            port: settings.adminPort,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        ) { try await report.answer($0) }
    }

    /// Scales until SIGTERM or SIGINT.
    ///
    /// `load` reads the manifest anew; `whenReady` is called with the admin port once it listens.
    func run(
        load: @escaping @Sendable () throws -> LoadedManifest,
        whenReady: @escaping @Sendable (Int) -> Void
    ) async throws {
        do {
            try await admin.start()
        } catch {
            throw CommandFailure(
                .unreachable,
                code: "no-port",
                "\(settings.adminHost):\(settings.adminPort) can not be listened on: \(error)",
                fix: "end what uses it, or choose another with --admin-port"
            )
        }
        let (feed, autoscaler, admin, port) = (feed, autoscaler, admin, admin.port ?? settings.adminPort)
        var reloading = ReloadService(
            load: load,
            apply: { await autoscaler.apply(AutoscaledFunction.all(of: $0.manifest)) },
            whenReady: { whenReady(port) },
            logger: logger
        )
        let path = manifest.path
        reloading.fingerprint = { ModuleFile(name: "", at: path)?.identity ?? "missing" }
        var configuration = ServiceGroupConfiguration(
            // The last is stopped first: the lease is given back while the gateways still hear of it.
            services: [feed, Running("admin") { try await admin.run() }, reloading, autoscaler],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }
}
