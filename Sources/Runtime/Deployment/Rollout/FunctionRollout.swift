import JSON
package import Kubernetes

/// Brings a Deployment to the cluster, follows it, and takes it back.
package struct FunctionRollout: Sendable {
    let client: KubernetesClient
    /// Whether fields that another manager owns are taken over.
    package var isForced = false
    /// How often the cluster is looked at while a rollout is followed.
    package var interval = Duration.milliseconds(250)

    package init(client: KubernetesClient) {
        self.client = client
    }

    /// What was applied, and what there was before.
    package struct Applied: Sendable {
        package let name: String
        package let before: KubernetesObject?
        package let after: KubernetesObject
        package let isChanged: Bool
        /// The revision recorded; nothing where nothing changed.
        package let revision: Int?
        let previous: KubernetesObject?
    }

    /// What would change.
    package func difference(_ object: KubernetesObject) async throws(KubernetesError) -> ObjectDifference {
        let before = try await client.find(.deployments, object.name)
        let after = try await client.apply(object, force: isForced, options: WriteOptions(isDryRun: true))
        return ObjectDifference(from: before, to: after)
    }

    /// Applies a Deployment and records it in the function's history.
    ///
    /// `sameAs`: The revision this goes back to.
    /// Throws `KubernetesError`; a conflict means that another manager owns a field.
    package func apply(_ object: KubernetesObject, sameAs: Int? = nil) async throws(KubernetesError) -> Applied {
        let history = RevisionHistory(of: object.name, client: client)
        let before = try await client.find(.deployments, object.name)
        let previous = try await history.revisions().last?.object
        let after = try await client.apply(object, force: isForced)
        let isChanged = after.isAnother(than: before)
        var revision: Int?
        if isChanged || previous == nil {
            revision = try await history.record(object, owner: after, sameAs: sameAs)
        }
        return Applied(
            name: object.name,
            before: before,
            after: after,
            isChanged: isChanged,
            revision: revision,
            previous: before == nil ? nil : previous
        )
    }

    /// Looks at a rollout until it is done, has failed, or the time is over.
    ///
    /// `progress`: Told whenever something changed.
    package func follow(
        _ name: String,
        until deadline: ContinuousClock.Instant,
        progress: (RolloutProgress) -> Void
    ) async throws -> RolloutProgress {
        var last: RolloutProgress?
        while true {
            do throws(KubernetesError) {
                let deployment = try await client.get(.deployments, name)
                let selector = Selector.labels(["app.kubernetes.io/name": name])
                let pods = try await client.list(.pods, matching: selector).items
                let now = RolloutProgress(deployment, pods: pods)
                if now != last { progress(now) }
                last = now
                if case .waiting = now {} else { return now }
            } catch {
                // A server that is away for a moment does not make the rollout fail.
                guard error.isTransient else { throw error }
            }
            guard ContinuousClock.now < deadline else { return last ?? .waiting("the API server does not answer") }
            try await Task.sleep(for: interval)
        }
    }

    /// Takes back what was applied: to what was there before, which may be nothing.
    ///
    /// - Returns: What it was taken back to, in words.
    package func undo(_ applied: Applied) async throws(KubernetesError) -> String {
        if let revision = applied.revision {
            try await RevisionHistory(of: applied.name, client: client).forget(revision)
        }
        guard let before = applied.before else {
            try await client.delete(.deployments, applied.name)
            return "removed, as it was not there before"
        }
        let image = PodState.image(of: before["spec", "template", "spec"]) ?? "its image"
        if let previous = applied.previous, PodState.image(of: previous["spec", "template", "spec"]) == image {
            _ = try await client.apply(previous, force: true)
        } else {
            // Somebody else made it: all that is known to have been changed by name is the image.
            let name = before["spec", "template", "spec", "containers"]?[0]?["name"] ?? "worker"
            let patch: JSONValue = [
                "spec": ["template": ["spec": ["containers": [["name": name, "image": .string(image)]]]]]
            ]
            _ = try await client.patch(.deployments, applied.name, .strategicMerge(patch))
        }
        return "back to \(image)"
    }
}

extension KubernetesObject {
    /// Whether applying it made it, or changed what it asks for.
    package func isAnother(than before: KubernetesObject?) -> Bool {
        before?.generation != generation || before?.uid != uid
    }
}
