import JSON
package import Kubernetes

/// What was deployed of a function, newest last; kept in the cluster beside the Deployment, and gone with it.
///
/// Each is a ControllerRevision, Kubernetes' own kind for this: it holds the whole object as it was applied.
package struct RevisionHistory: Sendable {
    package struct Revision: Sendable {
        package var number: Int
        package var object: KubernetesObject
        /// The revision that this one went back to, if it did.
        package var sameAs: Int?

        package var image: String? { PodState.image(of: object["spec", "template", "spec"]) }
    }

    static let resource = Resource(
        group: "apps",
        version: "v1",
        name: "controllerrevisions",
        kind: "ControllerRevision"
    )
    /// How many are kept.
    static let limit = 10
    private static let label = "shopfn.io/revision-of"
    private static let sameAs = "shopfn.io/same-as"

    let client: KubernetesClient
    let function: String

    package init(of function: String, client: KubernetesClient) {
        self.function = function
        self.client = client
    }

    package func revisions() async throws(KubernetesError) -> [Revision] {
        let list = try await client.list(Self.resource, matching: .labels([Self.label: function]))
        return list.items.compactMap { item in
            guard let number = item["revision"]?.intValue, let object = item["data"]?.objectValue else { return nil }
            return Revision(
                number: number,
                object: KubernetesObject(json: object),
                sameAs: item.annotations[Self.sameAs].flatMap { Int($0) }
            )
        }.sorted { $0.number < $1.number }
    }

    /// Where going back leads to from the newest revision.
    ///
    /// Pure.
    package static func previous(in revisions: [Revision]) -> Revision? {
        guard let current = revisions.last else { return nil }
        // Having gone back once, going back again leads further back, not to what was left.
        let start = current.sameAs ?? current.number
        let image = current.image
        return revisions.last { $0.number < start && $0.image != image }
    }

    /// Adds what was applied; drops the oldest beyond the limit.
    func record(
        _ object: KubernetesObject,
        owner: KubernetesObject,
        sameAs: Int? = nil
    ) async throws(KubernetesError)
        -> Int
    {
        let known = try await revisions()
        let number = (known.last?.number ?? 0) + 1
        var revision = KubernetesObject(apiVersion: "apps/v1", kind: Self.resource.kind, name: "\(function)-\(number)")
        revision.labels = [Self.label: function]
        if let sameAs { revision.annotations = [Self.sameAs: String(sameAs)] }
        revision["metadata", "ownerReferences"] = [
            [
                "apiVersion": "apps/v1", "kind": "Deployment", "name": .string(owner.name),
                "uid": .string(owner.uid ?? ""),
            ]
        ]
        revision["data"] = object.value
        revision["revision"] = .int(number)
        _ = try await client.create(revision)
        for old in known.dropLast(Self.limit - 1) { try await forget(old.number) }
        return number
    }

    func forget(_ number: Int) async throws(KubernetesError) {
        do throws(KubernetesError) {
            try await client.delete(Self.resource, "\(function)-\(number)")
        } catch  where error.isNotFound {
            // Somebody else dropped it first.
        }
    }
}
