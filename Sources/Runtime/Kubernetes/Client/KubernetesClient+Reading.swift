import JSON

extension KubernetesClient {
    package func get(
        _ resource: Resource,
        _ name: String,
        in namespace: String? = nil
    ) async throws(KubernetesError) -> KubernetesObject {
        let path = resource.path(namespace: self.namespace(namespace), name: name)
        return try KubernetesObject(answer: try await session.send(APIRequest(path: path)))
    }

    /// The object, or `nil` if there is none of that name.
    package func find(
        _ resource: Resource,
        _ name: String,
        in namespace: String? = nil
    ) async throws(KubernetesError) -> KubernetesObject? {
        do throws(KubernetesError) {
            return try await get(resource, name, in: namespace)
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// All objects that match, fetched page by page.
    ///
    /// If the pages take so long that the server no longer keeps the state they show, everything is fetched at once.
    package func list(
        _ resource: Resource,
        in namespace: String? = nil,
        matching selector: Selector = .all,
        pageSize: Int = 500
    ) async throws(KubernetesError) -> ObjectList {
        var request = APIRequest(path: resource.path(namespace: self.namespace(namespace)))
        var items: [KubernetesObject] = []
        var position: String?
        while true {
            request.query = selector.query
            if pageSize > 0 { request.query.append(("limit", String(pageSize))) }
            if let position { request.query.append(("continue", position)) }
            let page: JSONValue
            do throws(KubernetesError) {
                page = try await session.send(request)
            } catch  where error.isGone && position != nil {
                return try await list(resource, in: namespace, matching: selector, pageSize: 0)
            }
            for item in page["items"]?.arrayValue ?? [] { items.append(try resource.object(item)) }
            guard let next = page["metadata"]?["continue"]?.stringValue, !next.isEmpty else {
                return ObjectList(
                    items: items,
                    resourceVersion: page["metadata"]?["resourceVersion"]?.stringValue ?? ""
                )
            }
            position = next
        }
    }

    /// One watch request: what changes after a state of the cluster.
    ///
    /// It ends after a while, as every watch does; ``updates(of:in:matching:)`` goes on.
    package func watch(
        _ resource: Resource,
        in namespace: String? = nil,
        matching selector: Selector = .all,
        since resourceVersion: String,
        timeout: Duration = .seconds(300)
    ) async throws(KubernetesError) -> WatchStream {
        let seconds = max(1, Int(timeout.components.seconds))
        let request = APIRequest(
            path: resource.path(namespace: self.namespace(namespace)),
            query: selector.query + [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
                ("timeoutSeconds", String(seconds)),
            ]
        )
        // The server ends it; if it does not, it is no longer there.
        let body = try await session.stream(request, timeout: timeout + .seconds(15))
        return WatchStream(body: body, resource: resource)
    }

    /// All objects that match, and then every change, for as long as it is read.
    ///
    /// A watch that ends is resumed; where the server no longer keeps what was missed, everything is listed anew.
    package func updates(
        of resource: Resource,
        in namespace: String? = nil,
        matching selector: Selector = .all
    ) -> ObjectUpdates {
        ObjectUpdates(client: self, resource: resource, namespace: self.namespace(namespace), selector: selector)
    }
}

extension Resource {
    /// An item of a list, which lacks what all of the list have in common.
    func object(_ item: JSONValue) throws(KubernetesError) -> KubernetesObject {
        var object = try KubernetesObject(answer: item)
        if object.json["kind"] == nil { object.json["kind"] = .string(kind) }
        if object.json["apiVersion"] == nil { object.json["apiVersion"] = .string(apiVersion) }
        return object
    }
}
