import JSON
package import Kubernetes
package import WorkerProtocol

/// What matters of a pod.
package struct PodState: Hashable, Sendable {
    package var name: String
    package var isReady: Bool
    package var isTerminating: Bool
    /// Whether it is marked to go first.
    package var isMarked: Bool
    /// When it was made, as the API writes it, so that it can be compared.
    package var created: String
    /// Why it cannot run.
    package var failure: PoolFailure?

    package init(
        name: String,
        isReady: Bool = false,
        isTerminating: Bool = false,
        isMarked: Bool = false,
        created: String = "",
        failure: PoolFailure? = nil
    ) {
        self.name = name
        self.isReady = isReady
        self.isTerminating = isTerminating
        self.isMarked = isMarked
        self.created = created
        self.failure = failure
    }
}

extension PodState {
    /// Reads a pod; `nil` for one that has ended and counts no more.
    package init?(_ pod: KubernetesObject) {
        let phase = pod["status", "phase"]?.stringValue
        guard phase != "Succeeded", phase != "Failed" else { return nil }
        self.init(name: pod.name)
        isTerminating = pod.isBeingDeleted
        isMarked = pod.annotations[RemovalPlan.annotation] == RemovalPlan.cost
        created = pod["metadata", "creationTimestamp"]?.stringValue ?? ""
        let conditions = pod["status", "conditions"]?.arrayValue ?? []
        for condition in conditions {
            switch condition["type"]?.stringValue {
            case "Ready": isReady = condition["status"]?.stringValue == "True"
            case "PodScheduled" where condition["reason"]?.stringValue == "Unschedulable":
                let message = condition["message"]?.stringValue ?? "no node has room"
                failure = PoolFailure(
                    kind: .unschedulable,
                    message: "no node takes the pod: \(message)",
                    retryAfter: nil
                )
            default: break
            }
        }
        let containers =
            (pod["status", "initContainerStatuses"]?.arrayValue ?? [])
            + (pod["status", "containerStatuses"]?.arrayValue ?? [])
        for status in containers {
            if let found = ContainerFailure.find(status) { failure = found }
        }
    }
}
