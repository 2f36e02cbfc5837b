import Autoscaler
import JSON
import Kubernetes
import Testing
import WorkerProtocol

@Suite struct PodStateTests {
    private func pod(_ status: JSONValue, annotations: [String: String] = [:]) -> KubernetesObject {
        var object = KubernetesObject(apiVersion: "v1", kind: "Pod", name: "p", namespace: "shop")
        object["status"] = status
        object.annotations = annotations
        return object
    }

    private func waiting(_ reason: String, _ message: String = "", last: JSONValue = .null) -> JSONValue {
        [
            "phase": "Pending",
            "containerStatuses": [
                [
                    "image": "registry/x:1",
                    "state": ["waiting": ["reason": .string(reason), "message": .string(message)]],
                    "lastState": last,
                ]
            ],
        ]
    }

    @Test func readinessComesFromItsCondition() {
        let ready = PodState(pod(["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]))
        #expect(ready?.isReady == true)
        #expect(ready?.failure == nil)
        let starting = PodState(pod(["phase": "Running", "conditions": [["type": "Ready", "status": "False"]]]))
        #expect(starting?.isReady == false)
        #expect(PodState(pod(["phase": "Failed"])) == nil)
        #expect(PodState(pod([:]))?.isReady == false)
        #expect(PodState(pod([:], annotations: [RemovalPlan.annotation: RemovalPlan.cost]))?.isMarked == true)
        var leaving = pod([:])
        leaving["metadata", "deletionTimestamp"] = "2024-01-01T00:00:00Z"
        #expect(PodState(leaving)?.isTerminating == true)
    }

    @Test(arguments: [
        ("ErrImagePull", PoolFailure.Kind.imagePull), ("ImagePullBackOff", .imagePull),
        ("InvalidImageName", .imagePull),
        ("CrashLoopBackOff", .crashLoop), ("CreateContainerConfigError", .other),
    ]) func whatKeepsAContainerFromRunningIsAFailure(reason: String, kind: PoolFailure.Kind) throws {
        let failure = try #require(PodState(pod(waiting(reason, "because")))?.failure)
        #expect(failure.kind == kind)
        #expect(failure.message.contains("because"))
        #expect(failure.retryAfter != nil)
    }

    @Test func aStartingContainerIsNone() {
        #expect(PodState(pod(waiting("ContainerCreating")))?.failure == nil)
        #expect(PodState(pod(waiting("PodInitializing")))?.failure == nil)
    }

    @Test func aCrashSaysHowTheWorkerEnded() {
        func message(_ terminated: JSONValue) -> String {
            PodState(pod(waiting("CrashLoopBackOff", "back-off", last: ["terminated": terminated])))?.failure?.message
                ?? ""
        }
        #expect(message(["exitCode": 137, "reason": "OOMKilled"]).contains("more memory than its limit"))
        #expect(
            message(["exitCode": 2, "message": "loading\nno VALKEY_URL\n"]).hasSuffix("exit code 2, no VALKEY_URL")
        )
        #expect(message(["exitCode": 139, "signal": 11]).contains("signal 11"))
    }

    @Test func aPodThatNoNodeTakesIsWaitedFor() throws {
        let failure = try #require(
            PodState(
                pod([
                    "phase": "Pending",
                    "conditions": [
                        [
                            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                            "message": "0/3 nodes are available",
                        ]
                    ],
                ])
            )?.failure
        )
        #expect(failure.kind == .unschedulable)
        #expect(failure.retryAfter == nil, "a node may be on its way")
        #expect(failure.message.contains("0/3 nodes"))
    }

    @Test func idlePodsGoFirst() {
        let pods = [
            PodState(name: "busy", isReady: true, created: "1"), PodState(name: "idle", isReady: true, created: "2"),
            PodState(name: "less", isReady: true, isMarked: true, created: "3"),
            PodState(name: "young", isReady: true, created: "4"),
            PodState(name: "gone", isReady: true, isTerminating: true, created: "5"),
        ]
        let loads = ["busy": 9, "idle": 0, "less": 3, "young": 0]
        #expect(RemovalPlan(removing: 1, of: pods, loads: loads) == RemovalPlan(mark: ["young"], unmark: ["less"]))
        #expect(
            RemovalPlan(removing: 2, of: pods, loads: loads) == RemovalPlan(mark: ["young", "idle"], unmark: ["less"])
        )
        #expect(RemovalPlan(removing: 3, of: pods, loads: loads) == RemovalPlan(mark: ["young", "idle"], unmark: []))
        // A pod that is not ready goes before any that is, without a mark.
        let starting = pods + [PodState(name: "new", created: "6")]
        #expect(RemovalPlan(removing: 1, of: starting, loads: loads) == RemovalPlan(mark: [], unmark: ["less"]))
    }
}
