import JSON
package import Kubernetes

/// How far a Deployment's new pods have come.
package enum RolloutProgress: Equatable, Sendable {
    /// Under way; what it waits for.
    case waiting(String)
    /// It will not succeed by itself, for this reason.
    case failed(String)
    /// All pods that are wanted run what was asked for.
    case done(String)

    /// Judges a Deployment.
    ///
    /// Pure.
    ///
    /// - Parameters:
    ///   - deployment: As the cluster has it.
    ///   - pods: Those of the function, old and new.
    package init(_ deployment: KubernetesObject, pods: [KubernetesObject]) {
        let image = PodState.image(of: deployment["spec", "template", "spec"])
        let fresh = pods.filter { PodState.image(of: $0["spec"]) == image && !$0.isBeingDeleted }
        let troubles = fresh.compactMap { PodState.trouble(of: $0) }
        if let fatal = troubles.first(where: \.isFatal) {
            self = .failed(fatal.text)
            return
        }
        guard deployment["status", "observedGeneration"]?.intValue ?? 0 >= deployment.generation ?? 0 else {
            self = .waiting("the cluster has not looked at it yet")
            return
        }
        let conditions = deployment["status", "conditions"]?.arrayValue ?? []
        if let stalled = conditions.first(where: { $0["reason"]?.stringValue == "ProgressDeadlineExceeded" }) {
            let message = stalled["message"]?.stringValue ?? "no progress within its deadline"
            self = .failed(troubles.first?.text ?? message)
            return
        }
        let refused = conditions.first {
            $0["type"]?.stringValue == "ReplicaFailure" && $0["status"]?.stringValue == "True"
        }
        func count(_ name: String) -> Int { deployment["status", name]?.intValue ?? 0 }
        let wanted = deployment["spec", "replicas"]?.intValue ?? 1
        let (updated, all, available) = (count("updatedReplicas"), count("replicas"), count("availableReplicas"))
        let trouble = refused?["message"]?.stringValue ?? troubles.first?.text
        let because = trouble.map { ": \($0)" } ?? ""
        if updated < wanted {
            self = .waiting("\(updated) of \(wanted) pods are new\(because)")
        } else if all > updated {
            self = .waiting("\(all - updated) old \(all - updated == 1 ? "pod ends" : "pods end")")
        } else if available < wanted {
            self = .waiting("\(available) of \(wanted) new pods are available\(because)")
        } else {
            self = .done(
                wanted == 0 ? "no pod runs; the first request starts one" : "\(wanted) of \(wanted) pods run it"
            )
        }
    }
}
