import Foundation
import JSON
import Kubernetes
import KubernetesTestSupport
import Testing

/// A namespace of a real API server, in which the test plays the controllers: it says what became of Deployments.
struct PlayedCluster {
    let cluster: TestCluster
    let namespace: String
    let client: KubernetesClient
    let project: Scratch

    static let manifest = """
        version: 1
        service: shop
        functions:
          ask: { module: probe, handler: Echo, route: GET /ask }
          tell: { module: probe, handler: Echo, route: POST /tell, scale: { max: 3 } }

        """

    /// Runs a test with a cluster, while Deployments are said to have gone well, but those whose image ends so.
    static func run(
        failing: String? = nil,
        _ body: (PlayedCluster) async throws -> Void
    ) async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let project = try Scratch()
        try project.write("functions.yaml", manifest)
        let played = PlayedCluster(
            cluster: cluster,
            namespace: namespace,
            client: cluster.client(namespace: namespace),
            project: project
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            let client = cluster.client(namespace: namespace)
            group.addTask {
                for await update in client.updates(of: .deployments) {
                    let found: [KubernetesObject] =
                        switch update {
                        case .listed(let objects): objects
                        case .changed(let object): [object]
                        default: []
                        }
                    for object in found { try? await settle(object, client, failing) }
                }
            }
            do {
                try await body(played)
            } catch {
                group.cancelAll()
                await played.client.close()
                throw error
            }
            group.cancelAll()
            await played.client.close()
        }
    }

    /// Says of a Deployment what its controller would.
    private static func settle(
        _ object: KubernetesObject,
        _ client: KubernetesClient,
        _ failing: String?
    ) async throws {
        let image = object["spec", "template", "spec", "containers"]?[0]?["image"]?.stringValue ?? ""
        let generation = object.generation ?? 1
        guard object["status", "observedGeneration"]?.intValue != generation else { return }
        let wanted = object["spec", "replicas"]?.intValue ?? 1
        let ready = failing.map { image.hasSuffix($0) } == true ? 0 : wanted
        let status: JSONValue = [
            "status": [
                "observedGeneration": .int(generation), "replicas": .int(wanted), "updatedReplicas": .int(wanted),
                "readyReplicas": .int(ready), "availableReplicas": .int(ready),
            ]
        ]
        _ = try await client.patch(.deployments, object.name, .merge(status), subresource: "status")
    }

    func shopfn(_ arguments: String..., variables: [String: String] = [:]) async throws -> Program.Result {
        try await Program.shopfn(
            arguments + ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace],
            in: project.folder,
            environment: variables
        )
    }

    /// Runs `shopfn` with the folder of executables that the tests have.
    func run(_ arguments: [String]) async throws -> Program.Result {
        try await Program.shopfn(
            arguments + ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace],
            in: project.folder
        )
    }

    /// A pod of a function that runs on a node.
    func makeRunningPod(_ name: String, of function: String, on node: String) async throws {
        var pod = KubernetesObject(apiVersion: "v1", kind: "Pod", name: name)
        pod.labels = ["app.kubernetes.io/name": function, "app.kubernetes.io/component": "worker"]
        pod["spec"] = ["nodeName": .string(node), "containers": [["name": "worker", "image": "none"]]]
        _ = try await client.create(pod)
        let status: JSONValue = [
            "status": [
                "phase": "Running",
                "containerStatuses": [
                    [
                        "name": "worker", "image": "none", "imageID": "", "ready": true, "restartCount": 0,
                        "state": ["running": ["startedAt": "2026-01-01T00:00:00Z"]],
                    ]
                ],
            ]
        ]
        _ = try await client.patch(.pods, name, .merge(status), subresource: "status")
    }

    /// Deploys functions with an image that is only named: nothing pulls it here.
    func deploy(_ names: String..., digit: Character, and more: [String] = []) async throws -> Program.Result {
        try await Program.shopfn(
            ["deploy"] + names + ["--registry", "registry.example.com/shop", "--digest", Self.digest(digit)] + more
                + ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace],
            in: project.folder
        )
    }

    static func digest(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    func image(of name: String) async throws -> String? {
        try await client.find(.deployments, name)?["spec", "template", "spec", "containers"]?[0]?["image"]?.stringValue
    }

    /// A pod of a function that does not get on, for the reason given.
    func makePod(of function: String, image: String, waiting reason: String) async throws {
        var pod = KubernetesObject(
            apiVersion: "v1",
            kind: "Pod",
            name: "\(function)-\(UUID().uuidString.prefix(5).lowercased())"
        )
        pod.labels = ["app.kubernetes.io/name": function, "app.kubernetes.io/component": "worker"]
        pod["spec"] = ["containers": [["name": "worker", "image": .string(image)]]]
        pod = try await client.create(pod)
        let status: JSONValue = [
            "status": [
                "phase": "Pending",
                "containerStatuses": [
                    [
                        "name": "worker", "image": .string(image), "imageID": "", "ready": false, "restartCount": 0,
                        "state": ["waiting": ["reason": .string(reason), "message": "manifest unknown"]],
                    ]
                ],
            ]
        ]
        _ = try await client.patch(.pods, pod.name, .merge(status), subresource: "status")
    }
}
