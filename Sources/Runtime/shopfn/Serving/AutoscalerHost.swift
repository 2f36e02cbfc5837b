import AdminPort
import Autoscaler
import Demand
import JSON
import Kubernetes
import LocalLauncher
import Logging
import Manifest
import NIOPosix
import ServiceLifecycle
import Synchronization
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
    private let schedules: ScheduleService
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
        let duty = LeaseDuty(lease: autoscaler.lease, feed: feed) { await autoscaler.busy }
        let schedules = ScheduleService(duty: duty, logger: logger)
        schedules.update(manifest.manifest)
        self.schedules = schedules
        let report = AutoscalerReport(autoscaler)
        admin = AdminPort(
            host: settings.adminHost,
            port: settings.adminPort,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        ) { path in
            switch path {
            case "/api/schedules":
                try AdminAnswer(schedules.document(of: autoscaler.lease))
            case "/metrics": try await report.answer(path).followed(by: schedules.metrics)
            default: try await report.answer(path)
            }
        }
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
            throw ShopServer.noPort("admin-port", settings.adminHost, settings.adminPort, error)
        }
        let (feed, autoscaler, schedules) = (feed, autoscaler, schedules)
        let (admin, port) = (admin, admin.port ?? settings.adminPort)
        let manifest = Mutex(manifest.manifest)
        var reloading = ReloadService(
            load: load,
            apply: { loaded in
                manifest.withLock { $0 = loaded.manifest }
                await autoscaler.apply(AutoscaledFunction.all(of: loaded.manifest))
                schedules.update(loaded.manifest)
            },
            whenReady: { whenReady(port) },
            logger: logger
        )
        let path = self.manifest.path
        reloading.fingerprint = { FileWatch.fingerprint(of: [path]) }
        let floors = FloorService(manifest: { manifest.withLock { $0 } }, take: { await autoscaler.schedule($0) })
        var configuration = ServiceGroupConfiguration(
            // The last is stopped first: nothing more is invoked, then the lease is given back while gateways still hear.
            services: [feed, Running("admin") { try await admin.run() }, reloading, floors, autoscaler, schedules],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }
}
