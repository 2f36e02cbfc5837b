/// Which pods are to go first when there are to be fewer; pure.
///
/// A ReplicaSet removes pods that are not ready first, and of the ready ones those of the lowest
/// `controller.kubernetes.io/pod-deletion-cost`.
package struct RemovalPlan: Equatable, Sendable {
    package static let annotation = "controller.kubernetes.io/pod-deletion-cost"
    /// Lower than that of a pod without the annotation, which counts as zero.
    package static let cost = "-100"

    /// Pods to be given the lower cost.
    package var mark: [String] = []
    /// Pods that have it from an earlier plan and are to lose it.
    package var unmark: [String] = []

    package init(mark: [String] = [], unmark: [String] = []) {
        self.mark = mark
        self.unmark = unmark
    }

    /// Chooses `count` of the pods; `loads` are the invocations that each has.
    package init(removing count: Int, of pods: some Collection<PodState>, loads: [String: Int]) {
        let present = pods.filter { !$0.isTerminating }
        let ready = present.filter(\.isReady)
        let fromReady = max(0, count - (present.count - ready.count))
        // A pod that no gateway knows has nothing to lose. Of equals the youngest goes, as a ReplicaSet has it.
        let chosen = ready.sorted { left, right in
            let (leftLoad, rightLoad) = (loads[left.name] ?? 0, loads[right.name] ?? 0)
            if leftLoad != rightLoad { return leftLoad < rightLoad }
            return left.created == right.created ? left.name < right.name : left.created > right.created
        }.prefix(fromReady)
        let names = Set(chosen.map(\.name))
        mark = chosen.filter { !$0.isMarked }.map(\.name)
        unmark = present.filter { $0.isMarked && !names.contains($0.name) }.map(\.name).sorted()
    }
}
