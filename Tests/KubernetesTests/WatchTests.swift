import JSON
import Kubernetes
import KubernetesTestSupport
import Synchronization
import Testing

/// Keeps up with the ConfigMaps of a namespace, as a controller does.
private final class Mirror: Sendable {
    struct State: Sendable {
        var values: [String: String] = [:]
        var lists = 0
        var failures = 0
    }

    let state = Mutex(State())

    func run(_ updates: ObjectUpdates) async {
        for await update in updates {
            state.withLock { state in
                switch update {
                case .listed(let objects):
                    state.lists += 1
                    state.values = Dictionary(objects.map { ($0.name, Self.value($0)) }) { first, _ in first }
                case .changed(let object): state.values[object.name] = Self.value(object)
                case .removed(let object): state.values[object.name] = nil
                case .failed: state.failures += 1
                }
            }
        }
    }

    private static func value(_ object: KubernetesObject) -> String { object["data", "v"]?.stringValue ?? "" }
}

@Suite(.enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)))
struct WatchTests {
    private func map(_ name: String, _ value: String) -> KubernetesObject {
        var object = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: name)
        object["data"] = ["v": .string(value)]
        object.labels = ["mirrored": "yes"]
        return object
    }

    private func withMirror(
        of client: KubernetesClient,
        _ body: (Mirror) async throws -> Void
    ) async throws {
        let mirror = Mirror()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await mirror.run(client.updates(of: .configMaps, matching: .labels(["mirrored": "yes"])))
            }
            try await body(mirror)
            group.cancelAll()
        }
    }

    @Test func changesComeAsTheyHappen() async throws {
        let cluster = try await ControlPlane.shared()
        let client = cluster.client(namespace: try await cluster.makeNamespace())
        _ = try await client.create(map("a", "1"))
        try await withMirror(of: client) { mirror in
            try await waitUntil { mirror.state.withLock { $0.values == ["a": "1"] } }
            _ = try await client.create(map("b", "1"))
            _ = try await client.patch(.configMaps, "a", .merge(["data": ["v": "2"]]))
            try await waitUntil { mirror.state.withLock { $0.values == ["a": "2", "b": "1"] } }
            try await client.delete(.configMaps, "a")
            try await waitUntil { mirror.state.withLock { $0.values == ["b": "1"] } }
            #expect(mirror.state.withLock { $0.lists } == 1)
        }
        await client.close()
    }

    @Test func aWatchEndsAfterItsTime() async throws {
        let cluster = try await ControlPlane.shared()
        let client = cluster.client(namespace: try await cluster.makeNamespace())
        let now = try await client.list(.configMaps).resourceVersion
        for try await event in try await client.watch(.configMaps, since: now, timeout: .seconds(1)) {
            if case .bookmark = event { continue }
            Issue.record("nothing had changed, but \(event) came")
        }
        await client.close()
    }

    /// The server ends and comes again twice; what changed meanwhile is not missed, though the new server knows nothing
    /// of the states before its start.
    @Test func aRestartOfTheServerLosesNothing() async throws {
        let cluster = try await TestCluster.start()
        let client = cluster.client(namespace: try await cluster.makeNamespace())
        _ = try await client.create(map("a", "1"))
        try await withMirror(of: client) { mirror in
            try await waitUntil { mirror.state.withLock { $0.values == ["a": "1"] } }
            for round in 2...3 {
                // Takes the cluster's state on, so that what the mirror saw last is of before the new server's time.
                _ = try await client.create(
                    KubernetesObject(apiVersion: "v1", kind: "ServiceAccount", name: "s\(round)")
                )
                cluster.stopServer()
                try await waitUntil("for the loss to be noticed") { mirror.state.withLock { $0.failures > 0 } }
                try cluster.startServer()
                try await cluster.waitUntilReady()
                _ = try await client.patch(.configMaps, "a", .merge(["data": ["v": .string("\(round)")]]))
                try await waitUntil("for round \(round)") { mirror.state.withLock { $0.values == ["a": "\(round)"] } }
                mirror.state.withLock { $0.failures = 0 }
                #expect(mirror.state.withLock { $0.lists } >= round, "listed anew after each restart")
            }
            await #expect {
                for try await _ in try await client.watch(.configMaps, since: "1", timeout: .seconds(30)) {}
            } throws: {
                ($0 as? KubernetesError)?.isGone == true
            }
        }
        await client.close()
    }
}
