import AdminPort
import Autoscaler
import Demand
import JSON
import Kubernetes
import Logging
import Manifest
import Scaling

/// Everything behind `shopfn autoscaler`: the gateways' demand, the decisions carried out, and the admin port.
final class AutoscalerHost: Sendable {
    struct Settings: Sendable {
        var demand: DemandFeedConfiguration
        var cluster: ClusterConfiguration
        var autoscaler: AutoscalerSettings
        var adminHost: String
        var adminPort: Int
    }

    private let host: ClusterHost
    private let autoscaler: Autoscaler
    private let schedules: ScheduleService

    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) {
        let feed = DemandFeed(settings.demand, logger: logger)
        let autoscaler = Autoscaler(
            ScaledFunction.all(of: manifest.manifest),
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
        host = ClusterHost(
            manifest,
            feed: feed,
            adminHost: settings.adminHost,
            adminPort: settings.adminPort,
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
        let (autoscaler, schedules) = (autoscaler, schedules)
        try await host.run(
            load: load,
            apply: { manifest in
                await autoscaler.apply(ScaledFunction.all(of: manifest))
                schedules.update(manifest)
            },
            whenReady: whenReady,
            part: { manifest in
                let floors = FloorService(manifest: manifest, take: { await autoscaler.schedule($0) })
                // Nothing more is invoked first, then the lease is given back while gateways still hear.
                return .init(last: [floors, autoscaler, schedules])
            }
        )
    }
}
