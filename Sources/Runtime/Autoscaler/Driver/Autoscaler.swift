import FoundationEssentials
import GatewayDemand
import JSON
package import Kubernetes
package import Logging
package import Scaling
import ServiceLifecycle
import Time
import WorkerProtocol

/// Scales Deployments with the gateways' demand.
///
/// Several may run: one holds the lease and decides, the others hear and learn the same and take over when it is gone.
/// Without gateways or without the API server pods stay as they are.
package actor Autoscaler: Service {
    /// Something to be carried out, outside of the actor.
    enum Work: Sendable {
        case patch(function: String, replicas: Int)
        case prepare(function: String, removing: Int)
        case record(ObjectReference, PoolFailure)
    }

    package nonisolated let settings: AutoscalerSettings
    nonisolated let client: KubernetesClient
    package nonisolated let lease: LeaseKeeper
    nonisolated let source: any DemandSource
    nonisolated let logger: Logger
    nonisolated let recorder: EventRecorder
    nonisolated let keeper: StateKeeper
    nonisolated let wakeUp = WakeUp()
    nonisolated let works: AsyncStream<Work>
    nonisolated let orders: AsyncStream<Work>.Continuation

    var core: AutoscalerCore
    package var counts = AutoscalerCounts()
    private let functions: [ScaledFunction]
    var armedFor: Instant?

    package init(
        _ functions: [ScaledFunction],
        settings: AutoscalerSettings,
        cluster: ClusterConfiguration,
        source: any DemandSource,
        logger: Logger
    ) {
        self.settings = settings
        self.functions = functions
        self.source = source
        self.logger = logger
        client = KubernetesClient(cluster, settings: .init(timeout: .seconds(5), userAgent: "shopfn-autoscaler"))
        lease = LeaseKeeper(
            name: settings.leaseName,
            namespace: settings.namespace,
            identity: settings.identity,
            timing: settings.timing,
            cluster: cluster,
            userAgent: "shopfn-autoscaler",
            logger: logger
        )
        recorder = EventRecorder(client: client, component: "shopfn-autoscaler")
        keeper = StateKeeper(
            client: client,
            name: settings.stateName,
            namespace: settings.namespace,
            writer: "shopfn-autoscaler",
            logger: logger
        )
        let now = Instant.current
        let wallClock = Duration.seconds(Date().timeIntervalSince1970) - (now - .origin)
        core = AutoscalerCore(grace: settings.grace, wallClock: wallClock)
        // Bounded by the pools: each has at most one order of either kind under way, and one event at each change.
        (works, orders) = AsyncStream.makeStream(of: Work.self)
    }

    /// Scales until a graceful shutdown.
    package func run() async throws {
        _ = await keeper.read()
        perform(core.apply(functions, saved: keeper.kept, now: .current))
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.listen() }
                group.addTask { await self.followDeployments() }
                group.addTask { await self.followPods() }
                group.addTask { await self.keepTime() }
                group.addTask { await self.carryOut() }
                group.addTask { await self.seekLeadership() }
                group.addTask { await self.saveNowAndThen() }
            }
        }
        await end()
    }

    /// Puts a changed manifest in force.
    package func apply(_ functions: [ScaledFunction]) {
        perform(core.apply(functions, saved: keeper.kept, now: .current))
    }

    /// Tells what the schedules keep from now on, of the functions named.
    package func schedule(_ floors: [String: [ScheduledFloor]]) {
        perform(core.schedule(floors, now: .current))
    }

    private func end() async {
        if isLeader { await save() }
        source.lead(false)
        await lease.end()
        await client.close()
    }

    // MARK: Demand and time

    private nonisolated func listen() async {
        await source.listen { await self.take($0) }
    }

    private func take(_ events: [DemandEvent]) {
        act { $0.take(events, now: $1) }
    }

    private nonisolated func keepTime() async {
        while !Task.isCancelled {
            await wakeUp.wait(until: await nextMoment())
            await moment()
        }
    }

    private func nextMoment() -> Instant? {
        armedFor = core.nextTimer
        return armedFor
    }

    private func moment() {
        perform(core.timerFired(now: .current))
    }
}
