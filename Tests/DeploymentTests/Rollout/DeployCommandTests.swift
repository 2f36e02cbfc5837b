import JSON
import Kubernetes
import KubernetesTestSupport
import Testing

/// `shopfn deploy` and its kin against a real API server.
@Suite(.enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)))
struct DeployCommandTests {
    private static func image(_ digit: Character) -> String {
        "registry.example.com/shop/probe@" + PlayedCluster.digest(digit)
    }

    @Test func deployingOneFunctionTouchesNoOther() async throws {
        try await PlayedCluster.run { cluster in
            let first = try await cluster.deploy("ask", "tell", digit: "1", and: ["--wait", "--timeout", "60s"])
            try #require(first.status == 0, "\(first.errors)")
            #expect(first.errors.contains("ask: done"))
            let other = try #require(try await cluster.client.find(.deployments, "tell"))
            let second = try await cluster.deploy(
                "ask",
                digit: "2",
                and: ["--wait", "--timeout", "60s", "--output", "json"]
            )
            try #require(second.status == 0, "\(second.errors)")
            #expect(try second.json()["results"]?[0]?["state"] == "rolled out")
            #expect(try await cluster.image(of: "ask") == Self.image("2"))
            let after = try #require(try await cluster.client.find(.deployments, "tell"))
            #expect(after.generation == other.generation)
            #expect(after["spec", "replicas"] == nil || after["spec", "replicas"] == 1, "the scaler owns the number")
            // The same once more changes nothing.
            let third = try await cluster.deploy("ask", digit: "2", and: ["--output", "json"])
            #expect(try third.json()["results"]?[0]?["state"] == "unchanged")
            // Gateways read of both.
            let map = try await cluster.client.get(.configMaps, "functions")
            let text = try #require(map["data", "functions.yaml"]?.stringValue)
            #expect(text.contains("  ask:") && text.contains("  tell:"))
        }
    }

    @Test func aManifestOfOthersIsLeftAsItIs() async throws {
        try await PlayedCluster.run { cluster in
            _ = try await cluster.deploy("ask", "tell", digit: "1")
            try cluster.project.write(
                "functions.yaml",
                PlayedCluster.manifest.replacing("GET /ask", with: "GET /question").replacing(
                    "POST /tell",
                    with: "POST /no"
                )
            )
            let result = try await cluster.deploy("ask", digit: "1")
            #expect(result.status == 0, "\(result.errors)")
            let map = try await cluster.client.get(.configMaps, "functions")
            let text = try #require(map["data", "functions.yaml"]?.stringValue)
            #expect(text.contains("GET /question"))
            #expect(text.contains("POST /tell") && !text.contains("POST /no"), "only what is named changes")
        }
    }

    @Test func rollingBackGoesFurtherBackEachTime() async throws {
        try await PlayedCluster.run { cluster in
            for digit in "123" { _ = try await cluster.deploy("ask", digit: digit) }
            let dry = try await cluster.shopfn("rollback", "ask", "--dry-run")
            #expect(dry.output.contains(Self.image("2")), "\(dry.errors)")
            #expect(try await cluster.image(of: "ask") == Self.image("3"))
            let once = try await cluster.shopfn("rollback", "ask", "--wait")
            #expect(once.status == 0, "\(once.errors)")
            #expect(try await cluster.image(of: "ask") == Self.image("2"))
            _ = try await cluster.shopfn("rollback", "ask")
            #expect(try await cluster.image(of: "ask") == Self.image("1"))
            let noMore = try await cluster.shopfn("rollback", "ask")
            #expect(noMore.status == 2)
            #expect(noMore.errors.contains("ran no other image before"))
            let list = try await cluster.shopfn("rollback", "ask", "--list", "--output", "json")
            #expect(try list.json()["revisions"]?.arrayValue?.compactMap { $0["sameAs"]?.intValue } == [2, 1])
            _ = try await cluster.shopfn("rollback", "ask", "--revision", "3")
            #expect(try await cluster.image(of: "ask") == Self.image("3"))
        }
    }

    @Test func aFailedRolloutSaysWhyAndIsUndone() async throws {
        let bad = Self.image("9")
        try await PlayedCluster.run(failing: "9") { cluster in
            _ = try await cluster.deploy("ask", digit: "1", and: ["--wait"])
            try await cluster.makePod(of: "ask", image: bad, waiting: "ImagePullBackOff")
            let result = try await cluster.deploy(
                "ask",
                digit: "9",
                and: ["--wait", "--timeout", "60s", "--output", "json"]
            )
            #expect(result.status == 1)
            #expect(result.errors.contains("cannot be pulled"))
            #expect(try result.json()["results"]?[0]?["state"] == "undone")
            #expect(try await cluster.image(of: "ask") == Self.image("1"))
            // What failed is no revision to go back to.
            let list = try await cluster.shopfn("rollback", "ask", "--list", "--output", "json")
            #expect(try list.json()["revisions"]?.arrayValue?.count == 1)
        }
    }

    @Test func aRolloutThatIsLateIsUndone() async throws {
        try await PlayedCluster.run(failing: "") { cluster in
            let result = try await cluster.deploy("tell", digit: "1", and: ["--wait", "--timeout", "1s"])
            #expect(result.status == 4)
            #expect(result.errors.contains("was not done within 1s and was undone"))
            #expect(try await cluster.client.find(.deployments, "tell") == nil, "it was not there before")
            let map = try await cluster.client.get(.configMaps, "functions")
            #expect(map["data", "functions.yaml"]?.stringValue?.contains("tell") == false)
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await PlayedCluster.run { cluster in
            let new = try await cluster.deploy("ask", digit: "1", and: ["--dry-run"])
            #expect(new.status == 0, "\(new.errors)")
            #expect(new.output.contains("+ Deployment ask"))
            #expect(try await cluster.client.find(.deployments, "ask") == nil)
            _ = try await cluster.deploy("ask", digit: "1")
            let changed = try await cluster.deploy("ask", digit: "2", and: ["--dry-run"])
            #expect(changed.output.contains("containers[0].image"))
            #expect(try await cluster.image(of: "ask") == Self.image("1"))
        }
    }

    @Test func whatArgoCDDeliversIsNotFoughtOver() async throws {
        try await PlayedCluster.run { cluster in
            _ = try await cluster.deploy("ask", digit: "1")
            let patch: JSONValue = [
                "spec": ["template": ["spec": ["containers": [["name": "worker", "image": "delivered/by-git:1"]]]]]
            ]
            _ = try await cluster.client.patch(
                .deployments,
                "ask",
                .strategicMerge(patch),
                options: WriteOptions(fieldManager: "argocd-controller")
            )
            let refused = try await cluster.deploy("ask", digit: "2")
            #expect(refused.status == 3)
            #expect(refused.errors.contains("--to git"), "\(refused.errors)")
            #expect(try await cluster.image(of: "ask") == "delivered/by-git:1")
            let forced = try await cluster.deploy("ask", digit: "2", and: ["--force"])
            #expect(forced.status == 0, "\(forced.errors)")
        }
    }

    @Test func statusShowsDesiredAgainstRunning() async throws {
        try await PlayedCluster.run(failing: "9") { cluster in
            _ = try await cluster.deploy("ask", digit: "1", and: ["--wait"])
            let result = try await cluster.shopfn("status", "--output", "json")
            let functions = try #require(try result.json()["functions"]?.arrayValue)
            #expect(functions[0]["state"] == "current" && functions[0]["desired"] == .string(Self.image("1")))
            #expect(functions[1]["state"] == "missing")
            _ = try await cluster.deploy("ask", digit: "9")
            try await cluster.makePod(of: "ask", image: Self.image("9"), waiting: "ImagePullBackOff")
            let table = try await cluster.shopfn("status", "ask")
            #expect(table.output.contains("failing") && table.output.contains("cannot be pulled"))
        }
    }

    @Test func undeployingTakesTheRouteAndThePods() async throws {
        try await PlayedCluster.run { cluster in
            _ = try await cluster.deploy("ask", "tell", digit: "1")
            let dry = try await cluster.shopfn("undeploy", "ask", "--dry-run")
            #expect(dry.output.contains("would be removed"), "\(dry.errors)")
            let result = try await cluster.shopfn("undeploy", "ask")
            #expect(result.status == 0, "\(result.errors)")
            try await eventually("the Deployment goes") { try await cluster.client.find(.deployments, "ask") == nil }
            let map = try await cluster.client.get(.configMaps, "functions")
            let text = try #require(map["data", "functions.yaml"]?.stringValue)
            #expect(!text.contains("  ask:") && text.contains("  tell:"))
            let again = try await cluster.shopfn("undeploy", "ask")
            #expect(again.status == 2 && again.errors.contains("no function in this cluster"))
        }
    }

    @Test func logsOfNoPodsAreNoFailure() async throws {
        try await PlayedCluster.run { cluster in
            _ = try await cluster.deploy("ask", digit: "1")
            let quiet = try await cluster.shopfn("logs", "ask")
            #expect(quiet.status == 0 && quiet.errors.contains("no pods at the moment"))
            let unknown = try await cluster.shopfn("logs", "nobody")
            #expect(unknown.status == 2 && unknown.errors.contains("has no function 'nobody'"))
        }
    }

    @Test func whoMayNotIsToldSo() async throws {
        try await PlayedCluster.run { cluster in
            let token = try await cluster.cluster.makeAccount("looker", in: cluster.namespace, rules: [])
            let kubeconfig = try cluster.cluster.makeKubeconfig(token: token, namespace: cluster.namespace)
            let result = try await Program.shopfn(
                ["status", "--kubeconfig", kubeconfig, "--namespace", cluster.namespace],
                in: cluster.project.folder
            )
            #expect(result.status == 3)
            #expect(result.errors.contains("ask for the right"), "\(result.errors)")
        }
    }
}
