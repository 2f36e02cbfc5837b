import Glibc
import JSON
import Kubernetes
import KubernetesTestSupport
import Testing

/// Gateway, autoscalers and workers as programs, with a real API server between.
@Suite(
    .blocking,
    .enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)),
    .timeLimit(.minutes(15))
)
struct AutoscalerTests {
    private static let manifest = ProbeManifest(
        .init(
            "hello",
            "Hello",
            "GET /hello",
            "timeout: 100s",
            "scale: { min: 0, max: 3, idle: 1s, policy: fixed }"
        )
    )

    @Test func aRequestAtZeroIsAnsweredAndTheFollowerTakesOver() async throws {
        try await ClusterShop.with(Self.manifest) { world in
            let gateway = try world.shop.gateway()
            let first = try world.autoscaler("first")
            try await world.waitUntil("for the first to lead") { try await world.leader() == "first" }
            let second = try world.autoscaler("second")
            let reply = try gateway.get("/hello", within: .seconds(120))
            #expect(reply.status == 200)
            #expect(reply.text == "hello")
            try await world.waitUntil("for none") { try await world.replicas(of: "hello") == 0 && world.running == 0 }

            first.signal(SIGKILL)
            let killed = ContinuousClock.now
            let again = try gateway.get("/hello", within: .seconds(120))
            print("answered again \(ContinuousClock.now - killed) after the leader was killed")
            #expect(again.status == 200)
            #expect(try await world.leader() == "second")
            try await world.waitUntil("for none") { try await world.replicas(of: "hello") == 0 && world.running == 0 }

            // In good order: it gives the lease back.
            second.signal(SIGTERM)
            #expect(try second.end(within: .seconds(60)) == .code(0))
            #expect(try await world.leader() == "")
            #expect(try gateway.stop() == .code(0))
        }
    }

    @Test func whyNoWorkerComesStandsInTheAnswer() async throws {
        try await ClusterShop.with(Self.manifest, isImageThere: false) { world in
            let gateway = try world.shop.gateway()
            let autoscaler = try world.autoscaler("first")
            let reply = try gateway.get("/hello", within: .seconds(120))
            #expect(reply.status == 503)
            #expect(reply.text.contains("registry/probe:1") && reply.text.contains("manifest unknown"), "\(reply.text)")
            let about = Selector(fields: "involvedObject.name=hello,involvedObject.kind=Deployment")
            try await world.waitUntil("for the event") {
                try await world.admin.list(.events, matching: about).items.first?["reason"] == "ImagePullFailed"
            }
            // As somebody reads it who asks the autoscaler.
            let admin = try JSONValue(parsing: Array(autoscaler.text.utf8))["admin"]?.stringValue ?? ""
            let explain = try ChildProcess(try Programs.path("shopfn"), ["explain", "hello", "--admin", admin])
            #expect(try explain.end(within: .seconds(60)) == .code(0), "\(explain.errorText)")
            let lines = explain.text.split(separator: "\n")
            #expect(lines.first?.hasPrefix("hello: 1 worker wanted") == true, "\(explain.text)")
            #expect(lines.contains { $0.contains("failing") && $0.contains("manifest unknown") }, "\(explain.text)")
            autoscaler.signal(SIGTERM)
            #expect(try autoscaler.end(within: .seconds(60)) == .code(0))
            #expect(try gateway.stop() == .code(0))
        }
    }
}
