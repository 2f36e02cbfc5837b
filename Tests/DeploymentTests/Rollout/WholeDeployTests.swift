import Foundation
import HTTPTransfer
import JSON
import Kubernetes
import KubernetesTestSupport
import LoopbackTestSupport
import Testing

/// From an executable to what a cluster runs: a real registry and a real API server.
@Suite(
    .enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)),
    .enabled(if: RegistryServer.program != nil, RegistryServer.missing)
)
struct WholeDeployTests {
    private static let nodes = Resource(group: "", version: "v1", name: "nodes", kind: "Node", isNamespaced: false)

    /// The digest under which the registry has an image; nothing where it has none.
    private func digest(_ registry: RegistryServer, _ repository: String, _ reference: String) async throws -> String? {
        let client = HTTPClient()
        let url = "http://\(registry.host)/v2/\(repository)/manifests/\(reference)"
        let accepted = [("accept", "application/vnd.oci.image.manifest.v1+json")]
        let response = try await client.execute(HTTPClientRequest(method: "HEAD", url: url, headers: .init(accepted)))
        await client.close()
        return response.status == 200 ? response.headers["docker-content-digest"] : nil
    }

    /// The runtime's own objects are left out: its PodDisruptionBudgets need Kubernetes 1.21, and this may be older.
    @Test func imagesArePushedAndAppliedAndOnceMoreNothing() async throws {
        let registry = try await RegistryServer()
        try await PlayedCluster.run { cluster in
            let words = [
                "deploy", "ask", "tell", "--no-build", "--registry", "\(registry.host)/shop", "--output", "json",
            ]
            let first = try await cluster.run(words + ["--wait", "--timeout", "120s"])
            try #require(first.status == 0, "\(first.errors)")
            for name in ["ask", "tell"] {
                let image = try #require(try await cluster.image(of: name))
                let parts = image.split(separator: "@").map(String.init)
                #expect(parts.first == "\(registry.host)/shop/probe", "\(image)")
                #expect(try await digest(registry, "shop/probe", parts.last ?? "") == parts.last)
            }
            let status = try await cluster.shopfn("status", "--output", "json")
            let states = try status.json()["functions"]?.arrayValue?.compactMap { $0["state"]?.stringValue }
            #expect(states == ["current", "current"], "\(status.output)")

            // The same again is not sent and not rolled out.
            let uploads = try registry.log().components(separatedBy: "PUT /v2/shop").count
            let again = try await cluster.run(words)
            #expect(again.status == 0, "\(again.errors)")
            let results = try #require(try again.json()["results"]?.arrayValue)
            #expect(results.allSatisfy { $0["state"] == "unchanged" }, "\(again.output)")
            #expect(try registry.log().components(separatedBy: "PUT /v2/shop").count == uploads)
        }
    }

    @Test func aRegistryThatIsNotThereChangesNothing() async throws {
        let port = try freePort()
        try await PlayedCluster.run { cluster in
            let result = try await cluster.run([
                "deploy", "ask", "--no-build", "--registry", "127.0.0.1:\(port)/shop",
            ])
            #expect(result.status == 3, "\(result.errors)")
            #expect(result.errors.contains("127.0.0.1:\(port)"), "\(result.errors)")
            #expect(try await cluster.client.find(.deployments, "ask") == nil)
        }
    }

    /// The API server asks the node's kubelet, which the test plays.
    @Test func logsAreThoseOfTheKubelet() async throws {
        try await PlayedCluster.run { cluster in
            let kubelet = try HelperServer(["kubelet", cluster.cluster.folder])
            let node = "node-of-\(cluster.namespace)"
            _ = try await cluster.client.create(KubernetesObject(apiVersion: "v1", kind: "Node", name: node))
            let status: JSONValue = [
                "status": [
                    "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
                    "daemonEndpoints": ["kubeletEndpoint": ["Port": .int(kubelet.port)]],
                ]
            ]
            _ = try await cluster.client.patch(Self.nodes, node, .merge(status), subresource: "status")
            _ = try await cluster.deploy("ask", digit: "1")
            try await cluster.makeRunningPod("ask-one", of: "ask", on: node)

            let all = try await cluster.shopfn("logs", "ask")
            #expect(all.status == 0, "\(all.errors)")
            #expect(all.output.split(separator: "\n").count == 5 && all.output.hasPrefix("line 1 of ask-one"))
            let tail = try await cluster.shopfn("logs", "ask", "--tail", "2", "--output", "json")
            let last = tail.output.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
            #expect(last.map { $0["line"]?.stringValue } == ["line 4 of ask-one", "line 5 of ask-one"])
            // With a second pod each line says whose it is.
            try await cluster.makeRunningPod("ask-two", of: "ask", on: node)
            let both = try await cluster.shopfn("logs", "ask", "--tail", "1")
            #expect(both.output.contains("ask-one") && both.output.contains("line 5 of ask-two"), "\(both.output)")
            // A node that is gone is said, and is no silence.
            try await cluster.client.delete(Self.nodes, node)
            let gone = try await cluster.shopfn("logs", "ask")
            #expect(gone.status == 3 && gone.errors.contains(node), "\(gone.status) \(gone.errors)")
        }
    }
}
