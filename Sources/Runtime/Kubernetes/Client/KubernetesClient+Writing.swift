import JSON

extension KubernetesClient {
    package func create(
        _ object: KubernetesObject,
        in namespace: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> KubernetesObject {
        let resource = try await resource(apiVersion: object.apiVersion, kind: object.kind)
        let path = resource.path(namespace: self.namespace(namespace ?? object.namespace))
        return try await write("POST", path, object.value, "application/json", options.query)
    }

    /// Creates what an object has below itself, such as a token of a ServiceAccount or a pod's eviction.
    package func create(
        _ object: KubernetesObject,
        under resource: Resource,
        _ name: String,
        in namespace: String? = nil,
        subresource: String,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> KubernetesObject {
        let path = resource.path(namespace: self.namespace(namespace), name: name, subresource: subresource)
        return try await write("POST", path, object.value, "application/json", options.query)
    }

    /// Replaces an object by another; with a `resourceVersion` only if nobody changed it meanwhile.
    package func update(
        _ object: KubernetesObject,
        in namespace: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> KubernetesObject {
        let resource = try await resource(apiVersion: object.apiVersion, kind: object.kind)
        let path = resource.path(namespace: self.namespace(namespace ?? object.namespace), name: object.name)
        return try await write("PUT", path, object.value, "application/json", options.query)
    }

    package func patch(
        _ resource: Resource,
        _ name: String,
        in namespace: String? = nil,
        _ patch: Patch,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> KubernetesObject {
        let path = resource.path(namespace: self.namespace(namespace), name: name, subresource: subresource)
        return try await write("PATCH", path, patch.body, patch.contentType, options.query)
    }

    /// Server-side apply: makes the object have the fields given, and takes away those this manager gave it before.
    ///
    /// With `force` fields that somebody else owns are taken over; without it they are a conflict.
    package func apply(
        _ object: KubernetesObject,
        in namespace: String? = nil,
        force: Bool = false,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> KubernetesObject {
        let resource = try await resource(apiVersion: object.apiVersion, kind: object.kind)
        let path = resource.path(namespace: self.namespace(namespace ?? object.namespace), name: object.name)
        // JSON is YAML, and the content type's name is the only one it has.
        let query = options.query + [("force", force ? "true" : "false")]
        do throws(KubernetesError) {
            return try await write("PATCH", path, object.value, "application/apply-patch+yaml", query)
        } catch .status(var status) {
            status.about = "\(object.kind) \(object.name)"
            throw .status(status)
        }
    }

    package func delete(
        _ resource: Resource,
        _ name: String,
        in namespace: String? = nil,
        options: DeleteOptions = DeleteOptions()
    ) async throws(KubernetesError) {
        let path = resource.path(namespace: self.namespace(namespace), name: name)
        _ = try await send("DELETE", path, options.body, "application/json", [])
    }

    private func write(
        _ method: String,
        _ path: String,
        _ body: JSONValue,
        _ type: String,
        _ query: [(name: String, value: String)]
    ) async throws(KubernetesError) -> KubernetesObject {
        try KubernetesObject(answer: try await send(method, path, body, type, query))
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: JSONValue,
        _ type: String,
        _ query: [(name: String, value: String)]
    ) async throws(KubernetesError) -> JSONValue {
        let bytes: [UInt8]
        do {
            bytes = try body.serialized()
        } catch {
            throw .malformed("what is to be sent cannot be written as JSON: \(error)")
        }
        return try await session.send(
            APIRequest(method: method, path: path, query: query, contentType: type, body: bytes)
        )
    }
}
