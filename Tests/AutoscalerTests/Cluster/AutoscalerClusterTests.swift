import Autoscaler
import Foundation
import GatewayDemand
import JSON
import Kubernetes
import KubernetesTestSupport
import Scaling
import Testing
import WorkerProtocol

@Suite(.enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)))
struct AutoscalerClusterTests {
    private func connect(_ gateways: ScriptedGateways) {
        gateways.say(.connected("g", []), .reach(known: 1, connected: 1))
    }

    @Test func fromZeroToManyAndBack() async throws {
        try await Stage.with(["f"]) { stage in
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f")], gateways)
            try await stage.running(autoscaler) {
                connect(gateways)
                gateways.demand("f", 1)
                try await waitUntil("for the first pod") { stage.pods.pods(of: "f").count == 1 }
                gateways.demand("f", 4, ready: 1)
                try await waitUntil("for four") { stage.pods.pods(of: "f").count == 4 }
                gateways.demand("f", 50, ready: 4)
                try await waitUntil("for the most there may be") { stage.pods.pods(of: "f").count == 6 }
                gateways.demand("f", 0, ready: 6)
                try await waitUntil("for none") { stage.pods.pods(of: "f").isEmpty }
            }
            let scales = stage.pods.scales(of: "f")
            #expect(scales.max() == 6, "\(scales)")
            #expect(scales.last == 0)
            #expect(gateways.status(of: "f")?.failure == nil)
        }
    }

    /// Somebody writes to the Deployments all the time, and one of the pools is scaled by hand.
    @Test func whoWritesBesidesDoesNotHinder() async throws {
        try await Stage.with(["f"]) { stage in
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f", max: 5)], gateways)
            try await stage.running(autoscaler) {
                connect(gateways)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<2 {
                        group.addTask {
                            for number in 0..<10_000 where !Task.isCancelled {
                                let patch: JSONValue = [
                                    "metadata": ["annotations": ["w\(writer)": .string("\(number)")]]
                                ]
                                _ = try? await stage.admin.patch(.deployments, "f", .merge(patch))
                                try? await Task.sleep(for: .milliseconds(5))
                            }
                        }
                    }
                    for wanted in [1, 5, 2, 4, 3] {
                        gateways.demand("f", wanted, ready: wanted)
                        try await waitUntil("for \(wanted)") { try await stage.replicas(of: "f") == wanted }
                    }
                    group.cancelAll()
                }
                _ = try await stage.admin.setScale(of: .deployments, "f", to: 0)
                try await waitUntil("for its number again") { try await stage.replicas(of: "f") == 3 }
                _ = try await stage.admin.setScale(of: .deployments, "f", to: 9)
                try await waitUntil("for its number again") { try await stage.replicas(of: "f") == 3 }
            }
        }
    }

    @Test func aRestartOfTheServerAndANewTokenAreOutlived() async throws {
        let own = try await TestCluster.start()
        try await Stage.with(["f"], on: own) { stage in
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f")], gateways)
            try await stage.running(autoscaler) {
                connect(gateways)
                gateways.demand("f", 2)
                try await waitUntil("for two") { stage.pods.pods(of: "f").count == 2 }
                own.stopServer()
                // What happens meanwhile is done when the server is there again.
                gateways.demand("f", 5, ready: 2)
                try await waitUntil("for the lead to end") { !autoscaler.isLeader }
                try own.startServer()
                try await own.waitUntilReady()
                try await waitUntil("for five") { stage.pods.pods(of: "f").count == 5 }

                // The old token is refused from now on.
                _ = try await stage.admin.delete(.serviceAccounts, "autoscaler")
                _ = try await stage.admin.create(
                    KubernetesObject(apiVersion: "v1", kind: "ServiceAccount", name: "autoscaler")
                )
                let token = try await own.token(of: "autoscaler", in: stage.namespace)
                try token.write(toFile: stage.tokenFile, atomically: true, encoding: .utf8)
                gateways.demand("f", 6, ready: 5)
                try await waitUntil("for six") { stage.pods.pods(of: "f").count == 6 }
            }
        }
    }

    @Test func theFollowerTakesOverWhenTheLeaderIsGone() async throws {
        try await Stage.with(["f"]) { stage in
            let (first, second) = (ScriptedGateways(), ScriptedGateways())
            let functions = [Stage.function("f", idle: .seconds(60))]
            let leader = stage.makeAutoscaler("a", functions, first)
            let follower = stage.makeAutoscaler("b", functions, second)
            let leading = Task { try await leader.run() }
            connect(first)
            try await waitUntil("for a leader") { first.leads }
            try await stage.running(follower) {
                connect(second)
                // Both hear everything; one decides.
                for gateways in [first, second] { gateways.demand("f", 2) }
                try await waitUntil("for two") { try await stage.replicas(of: "f") == 2 }
                try await waitUntil("for the other to know") { second.status(of: "f")?.wanted == 2 }
                // Cut off at once: it can give nothing back.
                leading.cancel()
                _ = await leading.result
                second.demand("f", 4)
                try await waitUntil("for four") { try await stage.replicas(of: "f") == 4 }
                #expect(second.leads)
            }
            let lease = try await stage.admin.lease("shopfn-autoscaler")
            #expect(lease?.holder == "b")
            #expect(lease.map { $0.transitions >= 1 } == true)
        }
    }

    /// The leader renews by the version that it wrote last, so whatever somebody else writes makes its next a conflict.
    @Test func aConflictAboutTheLeaseIsOutlived() async throws {
        try await Stage.with(["f"]) { stage in
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f")], gateways)
            try await stage.running(autoscaler) {
                connect(gateways)
                try await waitUntil("for a leader") { gateways.leads }
                for round in 1...3 {
                    let before = autoscaler.lease.conflicts
                    let note: JSONValue = ["metadata": ["annotations": ["note": .string("\(round)")]]]
                    let written = try await stage.admin.patch(.leases, "shopfn-autoscaler", .merge(note))
                    try await waitUntil("for the conflict") { autoscaler.lease.conflicts > before }
                    try await waitUntil("for a renewal after it") {
                        let lease = try await stage.admin.lease("shopfn-autoscaler")
                        return lease.map { $0.renewed > Lease(written).renewed && $0.resourceVersion != nil } == true
                    }
                }
                let lease = try #require(try await stage.admin.lease("shopfn-autoscaler"))
                #expect(lease.holder == "a")
                #expect(lease.annotations["note"] == "3", "what somebody else wrote stays")
                gateways.demand("f", 2)
                try await waitUntil("for two") { try await stage.replicas(of: "f") == 2 }
            }
        }
    }

    @Test func whyNoWorkerComesIsToldAndWrittenDown() async throws {
        try await Stage.with(["f"]) { stage in
            stage.pods.set(
                PlayedPods.Fate(status: [
                    "phase": "Pending",
                    "containerStatuses": [
                        [
                            "name": "worker", "image": "registry/f:1", "imageID": "", "ready": false, "restartCount": 0,
                            "state": ["waiting": ["reason": "ImagePullBackOff", "message": "manifest unknown"]],
                        ]
                    ],
                ])
            )
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f")], gateways)
            try await stage.running(autoscaler) {
                connect(gateways)
                gateways.demand("f", 2)
                try await waitUntil("for the reason") { gateways.status(of: "f")?.failure?.kind == .imagePull }
                let message = gateways.status(of: "f")?.failure?.message ?? ""
                #expect(message.contains("registry/f:1") && message.contains("manifest unknown"))
                let about = Selector(fields: "involvedObject.name=f,involvedObject.kind=Deployment")
                try await waitUntil("for the event") {
                    try await stage.admin.list(.events, matching: about).items.first?["reason"] == "ImagePullFailed"
                }
                let explained = try #require(await autoscaler.explanation(of: "f"))
                #expect(explained["failure"]?["message"]?.stringValue == message)
                #expect(explained["wanted"] == 2)
            }
        }
    }

    @Test func idlePodsAreTakenAwayFirst() async throws {
        try await Stage.with(["f"]) { stage in
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f")], gateways)
            try await stage.running(autoscaler) {
                connect(gateways)
                gateways.demand("f", 4)
                try await waitUntil("for four") { stage.pods.pods(of: "f").count == 4 }
                let names = stage.pods.pods(of: "f").sorted()
                gateways.setLoads([names[0]: 1, names[1]: 0, names[2]: 1, names[3]: 0])
                gateways.demand("f", 2, ready: 4)
                try await waitUntil("for two") { stage.pods.pods(of: "f").count == 2 }
                #expect(stage.pods.pods(of: "f") == [names[0], names[2]])
            }
        }
    }

    @Test func whileAGatewayIsMissingPodsStay() async throws {
        try await Stage.with(["f"]) { stage in
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", [Stage.function("f")], gateways)
            try await stage.running(autoscaler) {
                gateways.say(.connected("g", []), .connected("h", []), .reach(known: 2, connected: 2))
                gateways.demand("f", 2)
                gateways.demand("f", 1, from: "h")
                try await waitUntil("for three") { stage.pods.pods(of: "f").count == 3 }
                gateways.say(.disconnected("h"), .reach(known: 2, connected: 1))
                gateways.demand("f", 0, ready: 3)
                // Fewer are wanted, and what is not known alone stands in the way.
                try await waitUntil("for what holds the pods") {
                    let explained = try #require(await autoscaler.explanation(of: "f"))
                    return explained["wanted"] == 0 && explained["held"]?.stringValue?.contains("1 of 2") == true
                }
                #expect(stage.pods.pods(of: "f").count == 3)
                gateways.say(.reach(known: 1, connected: 1))
                try await waitUntil("for none") { stage.pods.pods(of: "f").isEmpty }
            }
        }
    }

    @Test func whatWasLearnedIsKeptAndDamageDiscarded() async throws {
        try await Stage.with(["f", "g"]) { stage in
            func learning(_ name: String) -> ScaledFunction {
                var function = Stage.function(name, idle: .seconds(60))
                function.policy = .hybrid
                return function
            }
            let functions = [learning("f"), learning("g")]
            let gateways = ScriptedGateways()
            let autoscaler = stage.makeAutoscaler("a", functions, gateways) { $0.saveEvery = .milliseconds(200) }
            try await stage.running(autoscaler) {
                connect(gateways)
                gateways.demand("f", 1)
                gateways.demand("f", 0, ready: 1)
                try await waitUntil("for the state") {
                    try await stage.admin.find(.configMaps, "shopfn-autoscaler-state")?["binaryData", "f"] != nil
                }
            }
            let damage: JSONValue = ["binaryData": ["g": .string(Data("damaged".utf8).base64EncodedString())]]
            _ = try await stage.admin.patch(.configMaps, "shopfn-autoscaler-state", .merge(damage))
            let again = stage.makeAutoscaler("b", functions, ScriptedGateways())
            try await stage.running(again) {
                try await waitUntil("for the warning") {
                    stage.log.contains { $0.hasPrefix("g: ") && $0.contains("discarded") }
                }
                #expect(!stage.log.contains { $0.hasPrefix("f: ") })
            }
        }
    }
}
