import Autoscaler
import Foundation
import GatewayDemand
import JSON
import Kubernetes
import KubernetesTestSupport
import Logging
import Scaling
import Synchronization
import Testing

/// Waits for a condition, for a bounded time.
func waitUntil(_ what: String = "", _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(180)
    while try await !condition() {
        try #require(.now < end, "waited in vain \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The rights that `docs/kubernetes.md` says an autoscaler needs, and none beside.
let documentedRules: [JSONValue] = [
    ["apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]],
    ["apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get", "patch"]],
    ["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "patch"]],
    ["apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]],
    ["apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]],
    [
        "apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["shopfn-autoscaler"],
        "verbs": ["get", "update"],
    ],
    ["apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]],
    [
        "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["shopfn-autoscaler-state"],
        "verbs": ["get", "patch"],
    ],
]

/// A namespace of a real API server with Deployments, played pods, and autoscalers of the documented rights.
final class Stage: Sendable {
    let cluster: TestCluster
    let namespace: String
    let admin: KubernetesClient
    let pods: PlayedPods
    let tokenFile: String
    private let warnings = Mutex<[String]>([])

    static func function(_ name: String, max: Int = 6, idle: Duration = .seconds(1)) -> ScaledFunction {
        ScaledFunction(
            name: name,
            limits: PoolLimits(min: 0, max: max, idle: idle),
            concurrency: 1,
            policy: .fixed()
        )
    }

    private init(_ cluster: TestCluster, _ namespace: String, token: String) throws {
        self.cluster = cluster
        self.namespace = namespace
        admin = cluster.client(namespace: namespace)
        pods = PlayedPods(client: admin)
        tokenFile = "\(cluster.folder)/token-\(namespace)"
        try token.write(toFile: tokenFile, atomically: true, encoding: .utf8)
    }

    /// Sets the stage for some functions, and takes it down after the test.
    static func with(
        _ functions: [String],
        on own: TestCluster? = nil,
        _ body: (Stage) async throws -> Void
    ) async throws {
        let cluster = if let own { own } else { try await ControlPlane.shared() }
        let namespace = try await cluster.makeNamespace()
        let token = try await cluster.makeAccount("autoscaler", in: namespace, rules: documentedRules)
        let stage = try Stage(cluster, namespace, token: token)
        for function in functions { try await stage.deploy(function) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await stage.pods.run() }
            try await body(stage)
            group.cancelAll()
        }
        await stage.admin.close()
    }

    func deploy(_ function: String) async throws {
        var object = KubernetesObject(apiVersion: "apps/v1", kind: "Deployment", name: function)
        object["spec"] = [
            "replicas": 0,
            "selector": ["matchLabels": ["app.kubernetes.io/name": .string(function)]],
            "template": [
                "metadata": ["labels": ["app.kubernetes.io/name": .string(function)]],
                "spec": ["containers": [["name": "worker", "image": "none"]]],
            ],
        ]
        _ = try await admin.create(object)
    }

    func makeAutoscaler(
        _ identity: String,
        _ functions: [ScaledFunction],
        _ gateways: ScriptedGateways,
        adjust: (inout AutoscalerSettings) -> Void = { _ in }
    ) -> Autoscaler {
        var settings = AutoscalerSettings(namespace: namespace, identity: identity)
        settings.grace = .seconds(2)
        adjust(&settings)
        var logger = Logger(label: identity) { _ in Recorder(stage: self) }
        logger.logLevel = .debug
        return Autoscaler(
            functions,
            settings: settings,
            cluster: cluster.configuration(.tokenFile(tokenFile), namespace: namespace),
            source: gateways,
            logger: logger
        )
    }

    /// Runs an autoscaler while the body runs.
    func running(_ autoscaler: Autoscaler, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await autoscaler.run() }
            try await body()
            group.cancelAll()
        }
    }

    func replicas(of function: String) async throws -> Int {
        try await admin.scale(of: .deployments, function).replicas
    }

    var log: [String] { warnings.withLock { $0 } }

    private struct Recorder: LogHandler {
        let stage: Stage
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            stage.warnings.withLock { $0.append("\(event.message)") }
        }
    }
}
