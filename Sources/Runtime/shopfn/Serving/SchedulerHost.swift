import AdminPort
import Autoscaler
import Demand
import JSON
import Kubernetes
import LocalLauncher
import Logging
import NIOPosix
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Everything behind `shopfn scheduler`: the Lease, the schedules, the gateways that invoke, and the admin port.
final class SchedulerHost: Sendable {
    struct Settings: Sendable {
        var demand: DemandFeedConfiguration
        var cluster: ClusterConfiguration
        var lease: String
        var identity: String
        var adminHost: String
        var adminPort: Int
    }

    private let settings: Settings
    private let path: String
    private let feed: DemandFeed
    private let lease: LeaseKeeper
    private let schedules: ScheduleService
    private let admin: AdminPort
    private let logger: Logger
    /// What the gateways tell, for knowing what runs already.
    private let figures: GatewayFigures

    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) {
        self.settings = settings
        path = manifest.path
        self.logger = logger
        let feed = DemandFeed(settings.demand, logger: logger)
        let lease = LeaseKeeper(
            name: settings.lease,
            namespace: settings.cluster.namespace,
            identity: settings.identity,
            cluster: settings.cluster,
            userAgent: "shopfn-scheduler",
            logger: logger
        )
        let figures = GatewayFigures()
        (self.feed, self.lease, self.figures) = (feed, lease, figures)
        let duty = LeaseDuty(lease: lease, feed: feed) { figures.busy }
        let schedules = ScheduleService(duty: duty, logger: logger)
        schedules.update(manifest.manifest)
        self.schedules = schedules
        admin = AdminPort(
            host: settings.adminHost,
            port: settings.adminPort,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        ) { path in
            switch path {
            case "/livez": AdminAnswer("ok")
            case "/readyz":
                lease.holder.isEmpty
                    ? AdminAnswer("the API server has not been reached yet", status: 503)
                    : feed.reach.connected == 0
                        ? AdminAnswer("no gateway is connected", status: 503) : AdminAnswer("ok")
            case "/metrics": AdminAnswer(metrics: schedules.metrics)
            case "/api/schedules":
                try AdminAnswer(schedules.document(of: lease))
            default: AdminAnswer("there are /livez, /readyz, /metrics and /api/schedules", status: 404)
            }
        }
    }

    /// Invokes what is due until SIGTERM or SIGINT.
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
        let (feed, lease, schedules, figures) = (feed, lease, schedules, figures)
        let (admin, port, path) = (admin, admin.port ?? settings.adminPort, path)
        var reloading = ReloadService(
            load: load,
            apply: { schedules.update($0.manifest) },
            whenReady: { whenReady(port) },
            logger: logger
        )
        reloading.fingerprint = { FileWatch.fingerprint(of: [path]) }
        var configuration = ServiceGroupConfiguration(
            services: [
                feed,
                Running("demand") {
                    await cancelWhenGracefulShutdown { for await events in feed.batches { figures.take(events) } }
                },
                Running("admin") { try await admin.run() },
                reloading,
                Running("lease") {
                    await cancelWhenGracefulShutdown { await lease.run { _ in } }
                    await lease.end()
                },
                schedules,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// What the gateways told of their pools.
final class GatewayFigures: Sendable {
    private let book = Mutex(DemandBook())

    /// Functions that any gateway has an invocation of.
    var busy: Set<String> { book.withLock { $0.busy } }

    func take(_ events: [DemandEvent]) {
        book.withLock { book in
            for event in events {
                switch event {
                case .connected(let gateway, let figures): _ = book.connected(gateway.id, figures)
                case .disconnected(let gateway): book.forget(gateway.id)
                case .demand(let gateway, let figures): book.changed(gateway.id, figures)
                case .removed(let gateway, let function): book.removed(gateway.id, function)
                case .othersClaim, .othersSilent: break
                case .reach(let known, let connected): book.reach(known: known, connected: connected)
                }
            }
        }
    }
}
