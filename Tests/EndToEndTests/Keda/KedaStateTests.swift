import Foundation
import Glibc
import JSON
import Kubernetes
import KubernetesTestSupport
import Testing
import WorkerProtocol

/// What the scaler's policies learn, kept in a ConfigMap of a real API server with the rights that are documented.
@Suite(
    .blocking,
    .enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)),
    .timeLimit(.minutes(15))
)
struct KedaStateTests {
    private static let name = "shopfn-keda-scaler-state"
    /// As `docs/keda.md` has them, and `shopfn render` writes them.
    private static let rules: [JSONValue] = [
        ["apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]],
        ["apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "patch"], "resourceNames": [.string(name)]],
    ]
    private static let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello", "concurrency: 1", "scale: { max: 8, policy: hybrid }"),
        .init("other", "Hello", "GET /other", "scale: { max: 8, policy: adaptive }")
    ).text

    private func options(
        _ cluster: TestCluster,
        _ namespace: String,
        rules: [JSONValue] = rules
    ) async throws -> [String] {
        let token = try await cluster.makeAccount("keda-scaler", in: namespace, rules: rules)
        let kubeconfig = try cluster.makeKubeconfig(token: token, namespace: namespace)
        return ["--state", Self.name, "--kubeconfig", kubeconfig, "--namespace", namespace]
    }

    /// Has a gateway tell of requests, one after the other, until the scaler has seen them come and go.
    private func pulse(_ gateway: PlayedGateway, _ scaler: Scaler, _ arrivals: inout UInt64, rounds: Int) throws {
        for _ in 0..<rounds {
            for inFlight in [1, 0] {
                if inFlight == 1 { arrivals += 1 }
                gateway.tell(PoolDemand(function: "hello", arrivals: arrivals, inFlight: inFlight, readyWorkers: 1))
                try eventually("the scaler hears of it", within: .seconds(60)) {
                    try scaler.pool("hello")["inFlight"]?.intValue == inFlight
                }
            }
        }
    }

    /// How many idle times under a minute the hybrid policy counted, from what it saved.
    private func counted(_ state: [UInt8]) -> Int {
        // 240 counts of four bytes stand before the checksum.
        guard state.count > 964 else { return -1 }
        return state[(state.count - 964)..<(state.count - 960)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private func kept(_ client: KubernetesClient, _ function: String) async throws -> [UInt8]? {
        let data = try await client.find(.configMaps, Self.name)?["binaryData", function]?.stringValue
        return data.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
    }

    @Test func whatWasLearnedOutlivesAllReplicas() async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let admin = cluster.client(namespace: namespace)
        let options = try await options(cluster, namespace)
        let gateway = try PlayedGateway(token: Scaler.token)
        var arrivals: UInt64 = 0
        gateway.tell(PoolDemand(function: "hello", readyWorkers: 1))
        let first = try Scaler([gateway.port], options, manifest: Self.manifest)
        try first.hears(1)
        try pulse(gateway, first, &arrivals, rounds: 5)
        first.process.signal(SIGTERM)
        #expect(try first.process.end(within: .seconds(60)) == .code(0))
        let learned = try #require(try await kept(admin, "hello"), "\(first.process.errorText)")
        #expect(counted(learned) >= 4, "\(first.process.errorText)")
        #expect(try await kept(admin, "other") != nil)

        // It goes on with that, and writes all it knows, by whichever replica.
        let second = try Scaler([gateway.port], options, manifest: Self.manifest)
        try second.hears(1)
        try eventually("it is taken up", within: .seconds(60), state: second.process.errorText) {
            second.process.errorText.contains("what 2 functions had learned is taken up")
        }
        try pulse(gateway, second, &arrivals, rounds: 3)
        second.process.signal(SIGTERM)
        #expect(try second.process.end(within: .seconds(60)) == .code(0))
        let more = try #require(try await kept(admin, "hello"))
        #expect(counted(more) >= counted(learned) + 2, "\(second.process.errorText)")
        await admin.close()
    }

    /// A damaged state costs nothing but itself; where nothing may be read or written, it scales all the same.
    @Test func aDamagedOrForbiddenStateIsWarnedOf() async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let admin = cluster.client(namespace: namespace)
        var object = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: Self.name)
        object["binaryData"] = ["hello": .string(Data([1, 2, 3]).base64EncodedString())]
        _ = try await admin.create(object)
        let gateway = try PlayedGateway(token: Scaler.token)
        gateway.tell(PoolDemand(function: "hello", arrivals: 3, inFlight: 3, readyWorkers: 1))
        let options = try await options(cluster, namespace)
        let scaler = try Scaler([gateway.port], options, manifest: Self.manifest)
        try eventually("it says so", within: .seconds(60), state: scaler.process.errorText) {
            scaler.process.errorText.contains("hello: the scaler's saved state was discarded")
        }
        try scaler.wants(5)
        scaler.process.signal(SIGTERM)
        #expect(try scaler.process.end(within: .seconds(60)) == .code(0))
        #expect(try await kept(admin, "hello")?.count ?? 0 > 964)

        let other = try await cluster.makeNamespace()
        let forbidden = try await self.options(cluster, other, rules: [])
        let blind = try Scaler([gateway.port], forbidden, manifest: Self.manifest)
        try eventually("it says so", within: .seconds(60), state: blind.process.errorText) {
            blind.process.errorText.contains("what was learned before cannot be read")
        }
        try blind.wants(5)
        blind.process.signal(SIGTERM)
        #expect(try blind.process.end(within: .seconds(60)) == .code(0))
        await admin.close()
    }
}
