import JSON
package import Kubernetes
import Text
package import WorkerProtocol

/// What matters of a Deployment.
package struct DeploymentState: Hashable, Sendable {
    package var name: String
    /// Wanted; a Deployment that says nothing has one.
    package var replicas: Int
    /// Orders what is seen and what was written.
    package var version: Int
    /// Why its ReplicaSet cannot make pods.
    package var failure: PoolFailure?
    package var reference: ObjectReference

    package init(_ object: KubernetesObject) {
        name = object.name
        replicas = object["spec", "replicas"]?.intValue ?? 1
        version = object.resourceVersion.flatMap { Int($0) } ?? 0
        reference = ObjectReference(object)
        for condition in object["status", "conditions"]?.arrayValue ?? []
        where condition["type"]?.stringValue == "ReplicaFailure" && condition["status"]?.stringValue == "True" {
            let message = condition["message"]?.stringValue ?? "its pods cannot be made"
            failure = PoolFailure(
                kind: Self.kind(of: message),
                message: String("pods cannot be made: \(message)".prefix(500)),
                retryAfter: ContainerFailure.retryAfter
            )
        }
    }

    private static func kind(of message: String) -> PoolFailure.Kind {
        if message.includes("exceeded quota") || message.includes("failed quota") { return .quota }
        return message.includes("forbidden") || message.includes("denied") ? .forbidden : .other
    }
}
