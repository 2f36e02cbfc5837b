package import JSON
package import Kubernetes

/// What runs of each function, against what is to run.
package struct FunctionState: Sendable, Equatable {
    package enum Health: String, Sendable {
        /// Every pod there is runs what is wanted, or none is needed.
        case current
        case rollingOut = "rolling out"
        case failing
        /// The manifest has it, the cluster has not.
        case missing
        /// The cluster has it, the manifest has not.
        case undeclared
    }

    package var name: String
    package var health: Health
    /// The image the Deployment names.
    package var desired: String?
    /// The images of pods that are ready, each with how many.
    package var running: [String: Int]
    package var wanted: Int
    package var ready: Int
    package var revision: Int?
    /// Why it is not current.
    package var reason: String?

    /// Judges a function.
    ///
    /// Pure.
    package init(
        name: String,
        deployment: KubernetesObject?,
        pods: [KubernetesObject],
        revision: Int?,
        isDeclared: Bool
    ) {
        self.name = name
        self.revision = revision
        let readyPods = pods.filter { PodState.isReady($0) && !$0.isBeingDeleted }
        running = readyPods.reduce(into: [:]) { $0[PodState.image(of: $1["spec"]) ?? "?", default: 0] += 1 }
        guard let deployment else {
            health = .missing
            reason = "never deployed here, or undeployed"
            desired = nil
            wanted = 0
            ready = readyPods.count
            return
        }
        desired = PodState.image(of: deployment["spec", "template", "spec"])
        wanted = deployment["spec", "replicas"]?.intValue ?? 1
        ready = readyPods.count
        switch RolloutProgress(deployment, pods: pods) {
        case .done: health = isDeclared ? .current : .undeclared
        case .waiting(let what):
            health = .rollingOut
            reason = what
        case .failed(let why):
            health = .failing
            reason = why
        }
    }

    package var json: JSONValue {
        var object = JSONObject([
            ("name", .string(name)), ("state", .string(health.rawValue)),
            ("desired", desired.map { .string($0) } ?? .null),
            (
                "running",
                .object(JSONObject(running.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int($0.value)) }))
            ),
            ("wanted", .int(wanted)), ("ready", .int(ready)),
        ])
        if let revision { object["revision"] = .int(revision) }
        if let reason { object["reason"] = .string(reason) }
        return .object(object)
    }

    /// Looks at the functions of a service.
    ///
    /// `declared`: Those of the manifest, in its order.
    package static func all(
        of service: String,
        declared: [String],
        client: KubernetesClient
    ) async throws(KubernetesError) -> [FunctionState] {
        let workers = Selector.labels([
            "app.kubernetes.io/component": "worker", "app.kubernetes.io/part-of": service,
        ])
        let deployments = try await client.list(.deployments, matching: workers).items
        let pods = try await client.list(.pods, matching: .labels(["app.kubernetes.io/component": "worker"])).items
        let revisions = try await client.list(RevisionHistory.resource).items
        let names = declared + deployments.map(\.name).filter { !declared.contains($0) }.sorted()
        return names.map { name in
            let numbers = revisions.filter { $0.labels["shopfn.io/revision-of"] == name }
                .compactMap { $0["revision"]?.intValue }
            return FunctionState(
                name: name,
                deployment: deployments.first { $0.name == name },
                pods: pods.filter { $0.labels["app.kubernetes.io/name"] == name },
                revision: numbers.max(),
                isDeclared: declared.contains(name)
            )
        }
    }
}
