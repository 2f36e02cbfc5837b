import JSON
import Kubernetes
import Synchronization

/// What controllers and kubelets would do: makes a Deployment's pods as many as its scale says.
///
/// Of pods that are ready those of the lowest deletion cost go first, as a ReplicaSet has it.
final class PlayedPods: Sendable {
    /// What becomes of a pod that is made.
    struct Fate: Sendable {
        var status: JSONValue
        static let ready = Fate(
            status: ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
        )
    }

    private struct State: Sendable {
        var fate = Fate.ready
        var made = 0
        /// All numbers that a Deployment's scale was seen to have, in order.
        var scales: [String: [Int]] = [:]
        var pods: [String: Set<String>] = [:]
    }

    private let client: KubernetesClient
    private let state = Mutex(State())

    init(client: KubernetesClient) {
        self.client = client
    }

    func set(_ fate: Fate) { state.withLock { $0.fate = fate } }

    func scales(of function: String) -> [Int] { state.withLock { $0.scales[function] ?? [] } }

    func pods(of function: String) -> Set<String> { state.withLock { $0.pods[function] ?? [] } }

    func run() async {
        for await update in client.updates(of: .deployments) {
            let deployments: [KubernetesObject] =
                switch update {
                case .listed(let objects): objects
                case .changed(let object): [object]
                case .removed, .failed: []
                }
            for deployment in deployments {
                let wanted = deployment["spec", "replicas"]?.intValue ?? 1
                state.withLock { state in
                    if state.scales[deployment.name]?.last != wanted {
                        state.scales[deployment.name, default: []].append(wanted)
                    }
                }
                while !Task.isCancelled {
                    do {
                        try await reconcile(deployment.name, wanted)
                        break
                    } catch {
                        // The server is away; a kubelet would try again as well.
                        try? await Task.sleep(for: .milliseconds(100))
                    }
                }
            }
        }
    }

    private func reconcile(_ function: String, _ wanted: Int) async throws {
        let label = Selector.labels(["app.kubernetes.io/name": function])
        let pods = try await client.list(.pods, matching: label).items.sorted { cost($0) < cost($1) }
        for pod in pods.prefix(max(0, pods.count - wanted)) {
            var options = DeleteOptions()
            options.gracePeriod = 0
            try await client.delete(.pods, pod.name, options: options)
        }
        if pods.count < wanted {
            for _ in pods.count..<wanted { try await make(function) }
        }
        let now = try await client.list(.pods, matching: label).items.map(\.name)
        state.withLock { $0.pods[function] = Set(now) }
    }

    private func cost(_ pod: KubernetesObject) -> Int {
        pod.annotations["controller.kubernetes.io/pod-deletion-cost"].flatMap { Int($0) } ?? 0
    }

    private func make(_ function: String) async throws {
        let (number, fate) = state.withLock { state in
            state.made += 1
            return (state.made, state.fate)
        }
        var pod = KubernetesObject(apiVersion: "v1", kind: "Pod", name: "\(function)-\(number)")
        pod.labels = ["app.kubernetes.io/name": function, "app.kubernetes.io/component": "worker"]
        pod["spec"] = ["containers": [["name": "worker", "image": "none"]]]
        _ = try await client.create(pod)
        _ = try await client.patch(.pods, pod.name, .merge(["status": fate.status]), subresource: "status")
    }
}
