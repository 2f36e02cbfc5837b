import Autoscaler
import KedaScaler
import Kubernetes
import Logging
import ServiceLifecycle

/// Keeps what the scaler's policies learn in a ConfigMap: reads it until that worked once, then writes it every minute
/// and when the scaler stops.
struct ClusterStateService: Service {
    let keeper: StateKeeper
    let client: KubernetesClient
    let driver: ScalerDriver
    let logger: Logger
    private let period: Duration = .seconds(60)
    private let patience: Duration = .seconds(5)

    init(_ place: Place, driver: ScalerDriver, logger: Logger) {
        client = KubernetesClient(place.cluster, settings: .init(timeout: .seconds(5), userAgent: Self.name))
        keeper = StateKeeper(
            client: client,
            name: place.name,
            namespace: place.cluster.namespace,
            writer: Self.name,
            logger: logger
        )
        self.driver = driver
        self.logger = logger
    }

    private static let name = "shopfn-keda-scaler"

    /// Where the ConfigMap is.
    struct Place: Sendable {
        var cluster: ClusterConfiguration
        var name: String
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await keep()
                // Cut short by the cancellation that ends the loop.
                try? await Task.sleep(for: keeper.isRead ? period : patience)
            }
        }
        await keep()
        await client.close()
    }

    /// Writes what is known, once it rests on what was known before.
    private func keep() async {
        if !keeper.isRead, let states = await keeper.read(), !states.isEmpty {
            driver.restore(states)
            logger.info("what \(states.count) functions had learned is taken up")
        }
        if let learned = driver.learned { await keeper.write(learned) }
    }
}
