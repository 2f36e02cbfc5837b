import AdminPort
import Autoscaler
import Demand
import Gateway
import GatewayDemand
import JSON
import Kubernetes
import Logging
import ServiceLifecycle
import Synchronization
import Time

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

    private let host: ClusterHost
    private let lease: LeaseKeeper
    private let schedules: ScheduleService
    /// What the gateways tell, for knowing what runs already.
    private let figures: GatewayFigures

    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) {
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
        (self.lease, self.figures) = (lease, figures)
        let duty = LeaseDuty(lease: lease, feed: feed) { figures.busy }
        let schedules = ScheduleService(duty: duty, logger: logger)
        schedules.update(manifest.manifest)
        self.schedules = schedules
        host = ClusterHost(
            manifest,
            feed: feed,
            adminHost: settings.adminHost,
            adminPort: settings.adminPort,
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
        let (feed, lease, schedules, figures) = (host.feed, lease, schedules, figures)
        let demand = Running("demand") {
            await cancelWhenGracefulShutdown { for await events in feed.batches { figures.take(events) } }
        }
        let keeping = Running("lease") {
            await cancelWhenGracefulShutdown { await lease.run { _ in } }
            await lease.end()
        }
        try await host.run(
            load: load,
            apply: { schedules.update($0) },
            whenReady: whenReady,
            part: { _ in .init(first: [demand], last: [keeping, schedules]) }
        )
    }
}

/// What the gateways told of their pools.
final class GatewayFigures: Sendable {
    private let book = Mutex(DemandBook(grace: .zero))

    /// Functions that any gateway has an invocation of.
    var busy: Set<String> { book.withLock { $0.busy } }

    func take(_ events: [DemandEvent]) {
        book.withLock { book in
            for event in events { _ = book.take(event, now: .now) }
        }
    }
}
