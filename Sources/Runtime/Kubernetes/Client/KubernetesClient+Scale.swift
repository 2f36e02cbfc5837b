import JSON

/// How many replicas there are to be: `autoscaling/v1.Scale`.
package struct Scale: Hashable, Sendable {
    /// Wanted.
    package var replicas: Int
    /// Those that the controller last saw.
    package var observed: Int
    package var resourceVersion: String
    /// The label selector of its pods.
    package var selector: String

    init(_ object: KubernetesObject) {
        replicas = object["spec", "replicas"]?.intValue ?? 0
        observed = object["status", "replicas"]?.intValue ?? 0
        resourceVersion = object.resourceVersion ?? ""
        selector = object["status", "selector"]?.stringValue ?? ""
    }
}

extension KubernetesClient {
    package func scale(
        of resource: Resource,
        _ name: String,
        in namespace: String? = nil
    ) async throws(KubernetesError) -> Scale {
        let path = resource.path(namespace: self.namespace(namespace), name: name, subresource: "scale")
        return Scale(try KubernetesObject(answer: try await session.send(APIRequest(path: path))))
    }

    /// Sets the number of replicas wanted, by a patch that touches nothing else.
    ///
    /// With `ifVersion` the server answers with a conflict if the object has another `resourceVersion` by now.
    package func setScale(
        of resource: Resource,
        _ name: String,
        in namespace: String? = nil,
        to replicas: Int,
        ifVersion: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> Scale {
        var patch: JSONValue = ["spec": ["replicas": .int(replicas)]]
        if let ifVersion { patch = patch.with("metadata", ["resourceVersion": .string(ifVersion)]) }
        return Scale(
            try await self.patch(resource, name, in: namespace, .merge(patch), subresource: "scale", options: options)
        )
    }
}
