import Foundation
import HTTPTransfer
import JSON
import Kubernetes
import KubernetesTestSupport
import Testing

/// Waits for a condition, for a bounded time.
func waitUntil(_ what: String = "", _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(180)
    while try await !condition() {
        try #require(.now < end, "waited in vain \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// A Deployment of pods that nothing runs.
func deployment(_ name: String, replicas: Int? = nil, image: String = "none") -> KubernetesObject {
    var object = KubernetesObject(apiVersion: "apps/v1", kind: "Deployment", name: name)
    object["spec"] = [
        "selector": ["matchLabels": ["app": .string(name)]],
        "template": [
            "metadata": ["labels": ["app": .string(name)]],
            "spec": ["containers": [["name": "worker", "image": .string(image)]]],
        ],
    ]
    if let replicas { object["spec", "replicas"] = .int(replicas) }
    return object
}

@Suite(.enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)))
struct ClusterTests {
    /// Runs a test as administrator in a namespace of its own.
    private func withNamespace(_ body: (KubernetesClient, TestCluster, String) async throws -> Void) async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let client = cluster.client(namespace: namespace)
        do {
            try await body(client, cluster, namespace)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    @Test func objectsAreMadeReadChangedAndDeleted() async throws {
        try await withNamespace { client, _, namespace in
            var object = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: "c")
            object["data"] = ["a": "1"]
            let made = try await client.create(object)
            #expect(made.namespace == namespace)
            await #expect { _ = try await client.create(object) } throws: {
                ($0 as? KubernetesError)?.isAlreadyExists == true
            }
            var changed = try await client.get(.configMaps, "c")
            changed["data", "b"] = "2"
            let updated = try await client.update(changed)
            #expect(updated["data"] == ["a": "1", "b": "2"])
            // The version read before is no longer that of the server.
            await #expect { _ = try await client.update(made) } throws: { ($0 as? KubernetesError)?.isConflict == true }
            let merged = try await client.patch(.configMaps, "c", .merge(["data": ["a": nil]]))
            #expect(merged["data"] == ["b": "2"])
            let operated = try await client.patch(
                .configMaps,
                "c",
                .json([["op": "add", "path": "/data/x", "value": "y"]])
            )
            #expect(operated["data", "x"] == "y")
            let options = WriteOptions(isDryRun: true)
            let dry = try await client.patch(.configMaps, "c", .merge(["data": ["dry": "run"]]), options: options)
            #expect(dry["data", "dry"] == "run")
            #expect(try await client.get(.configMaps, "c")["data", "dry"] == nil)

            var other = DeleteOptions()
            other.uid = "another"
            await #expect { try await client.delete(.configMaps, "c", options: other) } throws: {
                ($0 as? KubernetesError)?.isConflict == true
            }
            try await client.delete(.configMaps, "c")
            #expect(try await client.find(.configMaps, "c") == nil)
        }
    }

    @Test func refusalsSayWhy() async throws {
        try await withNamespace { client, _, _ in
            var object = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: "Not_A_Name")
            await #expect { _ = try await client.create(object) } throws: { error in
                let status = (error as? KubernetesError)?.status
                return status?.code == 422 && status?.reason == "Invalid"
                    && status?.causes.first?.field == "metadata.name"
                    && (error as? KubernetesError)?.description.contains("Not_A_Name") == true
            }
            object = KubernetesObject(apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "s")
            await #expect(throws: KubernetesError.unknownKind(apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject")) {
                _ = try await client.apply(object)
            }
            await #expect { _ = try await client.get(.pods, "none") } throws: {
                ($0 as? KubernetesError)?.isNotFound == true
            }
        }
    }

    @Test func anyKindIsFoundByDiscovery() async throws {
        try await withNamespace { client, _, _ in
            let policy = try await client.resource(apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy")
            #expect(policy.name == "networkpolicies")
            #expect(policy.isNamespaced)
            #expect(try await client.resource(apiVersion: "v1", kind: "PersistentVolume").isNamespaced == false)
            #expect(try await client.serverVersion().hasPrefix("v1."))
            let objects = try KubernetesObject.documents(
                yaml: """
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: { name: deny }
                    spec: { podSelector: {}, policyTypes: [Ingress] }
                    """
            )
            _ = try await client.apply(objects[0])
            #expect(try await client.list(policy).items.map(\.name) == ["deny"])
        }
    }

    @Test func applyOwnsFieldsAndTellsOfConflicts() async throws {
        try await withNamespace { client, _, _ in
            var mine = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: "c")
            mine["data"] = ["a": "1", "b": "1"]
            let options = WriteOptions(fieldManager: "mine")
            _ = try await client.apply(mine, options: options)
            var theirs = mine
            theirs["data"] = ["a": "2"]
            await #expect {
                _ = try await client.apply(theirs, options: WriteOptions(fieldManager: "theirs"))
            } throws: { error in
                let error = error as? KubernetesError
                return error?.isConflict == true && error?.status?.causes.first?.field == ".data.a"
            }
            let forced = try await client.apply(theirs, force: true, options: WriteOptions(fieldManager: "theirs"))
            #expect(forced["data"] == ["a": "2", "b": "1"])
            // What is no longer said by who owned it goes.
            mine["data"] = ["c": "3"]
            let again = try await client.apply(mine, options: options)
            #expect(again["data"] == ["a": "2", "c": "3"])
        }
    }

    @Test func longListsComeInPages() async throws {
        try await withNamespace { client, _, _ in
            for number in 0..<12 {
                var object = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: "c\(number)")
                object.labels = ["half": number % 2 == 0 ? "first" : "second"]
                _ = try await client.create(object)
            }
            #expect(try await client.list(.configMaps, pageSize: 5).items.count >= 12)
            let half = try await client.list(.configMaps, matching: .labels(["half": "first"]), pageSize: 2)
            #expect(half.items.count == 6)
            #expect(half.items.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" })
            #expect(try await client.list(.configMaps, in: "", matching: .name("c3")).items.count == 1)
        }
    }

    @Test func theScaleIsPatchedAlone() async throws {
        try await withNamespace { client, _, _ in
            _ = try await client.create(deployment("f", replicas: 0))
            let scale = try await client.scale(of: .deployments, "f")
            #expect(scale.replicas == 0)
            let wanted = try await client.setScale(of: .deployments, "f", to: 3, ifVersion: scale.resourceVersion)
            #expect(wanted.replicas == 3)
            await #expect {
                _ = try await client.setScale(of: .deployments, "f", to: 4, ifVersion: scale.resourceVersion)
            } throws: {
                ($0 as? KubernetesError)?.isConflict == true
            }
            #expect(try await client.get(.deployments, "f")["spec", "replicas"] == 3)
            // An apply that says nothing of replicas leaves them.
            _ = try await client.apply(deployment("f", image: "new"), force: true)
            #expect(try await client.scale(of: .deployments, "f").replicas == 3)
        }
    }

    @Test func anEventSeenAgainIsCountedUp() async throws {
        try await withNamespace { client, _, _ in
            let object = try await client.create(deployment("f"))
            let recorder = EventRecorder(client: client, component: "test")
            let event = EventRecord(ObjectReference(object), .warning, reason: "Broken", message: "no image")
            for _ in 0..<3 { try await recorder.record(event) }
            let found = try await client.list(.events, matching: Selector(fields: "involvedObject.name=f")).items
            #expect(found.count == 1)
            #expect(found.first?["count"] == 3)
            #expect(found.first?["involvedObject", "uid"]?.stringValue == object.uid)
            // One that is no longer there is written anew.
            try await client.delete(.events, found.first?.name ?? "")
            try await recorder.record(event)
            #expect(try await client.list(.events).items.count == 1)
        }
    }

    @Test func aLeaseGoesToWhoIsFirst() async throws {
        try await withNamespace { client, _, _ in
            #expect(try await client.lease("l") == nil)
            let now = Date(timeIntervalSince1970: 1_700_000_000.5)
            let mine = Lease(name: "l", holder: "a", seconds: 4, acquired: now, renewed: now)
            let written = try await client.write(mine)
            await #expect {
                var theirs = mine
                theirs.holder = "b"
                _ = try await client.write(theirs)
            } throws: {
                ($0 as? KubernetesError)?.isAlreadyExists == true
            }
            var taken = written
            taken.holder = "b"
            let after = try await client.write(taken)
            #expect(after.holder == "b")
            #expect(after.renewed == now)
            await #expect { _ = try await client.write(written) } throws: {
                ($0 as? KubernetesError)?.isConflict == true
            }
        }
    }
}
