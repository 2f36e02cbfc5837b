import Glibc
import JSON
import Kubernetes
import KubernetesTestSupport
import Testing

/// Who invokes scheduled functions on a cluster, with a real API server, gateways and workers.
@Suite(
    .blocking,
    .enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)),
    .timeLimit(.minutes(15))
)
struct ScheduleTests {
    private static let manifest = ProbeManifest(
        .init("tick", "Hello", "", "schedule: every 1s", "scale: { min: 0, max: 1, idle: 5s, policy: fixed }")
    )

    private func schedule(_ world: ClusterShop, _ process: ChildProcess) throws -> JSONValue {
        try world.document("/api/schedules", of: process)["schedules"]?.arrayValue?.first ?? .null
    }

    private func answered(_ world: ClusterShop, _ process: ChildProcess) throws -> Int {
        try schedule(world, process)["answered"]?.intValue ?? 0
    }

    /// From zero, by the leader alone, and by the other when that is killed.
    @Test func theLeadersOfAutoscalersInvokeWhatIsDue() async throws {
        try await ClusterShop.with(Self.manifest) { world in
            let gateway = try world.shop.gateway()
            let first = try world.autoscaler("first")
            try await world.waitUntil("for the first to lead") { try await world.leader() == "first" }
            let second = try world.autoscaler("second")
            try await world.waitUntil("for invocations") { try answered(world, first) >= 3 }
            #expect(try answered(world, second) == 0)
            let lease = try #require(try await world.admin.lease("shopfn-autoscaler"))
            #expect(lease.annotations.values.contains { $0.contains("tick") && $0.contains("every 1s") })

            first.signal(SIGKILL)
            let killed = ContinuousClock.now
            try await world.waitUntil("for the other's invocations") { try answered(world, second) >= 1 }
            print("invoked again \(ContinuousClock.now - killed) after the leader was killed")
            #expect(try await world.leader() == "second")

            // What a gateway does not answer, because it is killed, the next one is asked for.
            gateway.process.signal(SIGKILL)
            _ = try gateway.process.end(within: .seconds(60))
            let before = try answered(world, second)
            let again = try world.shop.gateway()
            try await world.waitUntil("for invocations of the new gateway") {
                try answered(world, second) >= before + 2
            }
            #expect(try again.count("arrivals", of: "tick") >= 2)
            second.signal(SIGTERM)
            #expect(try second.end(within: .seconds(60)) == .code(0))
            #expect(try again.stop() == .code(0))
        }
    }

    /// As under KEDA, which scales and keeps no schedules.
    @Test func schedulersInvokeWhereNoAutoscalerDoes() async throws {
        try await ClusterShop.with(Self.manifest) { world in
            let gateway = try world.shop.gateway()
            let first = try world.autoscaler("first", command: "scheduler")
            try await world.waitUntil("for the first to lead") {
                try await world.leader(of: "shopfn-scheduler") == "first"
            }
            let second = try world.autoscaler("second", command: "scheduler")
            _ = try await world.admin.setScale(of: .deployments, "tick", to: 1)
            try await world.waitUntil("for invocations") { try answered(world, first) >= 3 }
            // In good order: the lease is given back, and the other goes on.
            first.signal(SIGTERM)
            #expect(try first.end(within: .seconds(60)) == .code(0))
            try await world.waitUntil("for the other's invocations") { try answered(world, second) >= 2 }
            #expect(try gateway.count("arrivals", of: "tick") >= 5)
            second.signal(SIGTERM)
            #expect(try second.end(within: .seconds(60)) == .code(0))
            #expect(try gateway.stop() == .code(0))
        }
    }
}
