package import JSON

/// Any object of the API, as JSON, with the few fields that all have by name.
package struct KubernetesObject: Hashable, Sendable {
    package var json: JSONObject

    package init(json: JSONObject) {
        self.json = json
    }

    package init(apiVersion: String, kind: String, name: String, namespace: String? = nil) {
        json = JSONObject([("apiVersion", .string(apiVersion)), ("kind", .string(kind))])
        self["metadata", "name"] = .string(name)
        if let namespace { self["metadata", "namespace"] = .string(namespace) }
    }

    /// The value at the end of a path of names; setting makes what lies on the way, and `nil` removes.
    package subscript(path: String...) -> JSONValue? {
        get { path.reduce(JSONValue.object(json)) { $0?[$1] } }
        set { json = json.setting(path[...], to: newValue) }
    }

    package var value: JSONValue { .object(json) }
    package var apiVersion: String { json["apiVersion"]?.stringValue ?? "" }
    package var kind: String { json["kind"]?.stringValue ?? "" }
    package var name: String { self["metadata", "name"]?.stringValue ?? "" }
    package var uid: String? { self["metadata", "uid"]?.stringValue }
    package var generation: Int? { self["metadata", "generation"]?.intValue }
    package var isBeingDeleted: Bool { self["metadata", "deletionTimestamp"] != nil }

    package var namespace: String? {
        get { self["metadata", "namespace"]?.stringValue }
        set { self["metadata", "namespace"] = newValue.map { .string($0) } }
    }

    /// Opaque: only to be compared for being the same, and handed back.
    package var resourceVersion: String? {
        get { self["metadata", "resourceVersion"]?.stringValue }
        set { self["metadata", "resourceVersion"] = newValue.map { .string($0) } }
    }

    package var labels: [String: String] {
        get { texts("labels") }
        set { self["metadata", "labels"] = .object(newValue) }
    }

    package var annotations: [String: String] {
        get { texts("annotations") }
        set { self["metadata", "annotations"] = .object(newValue) }
    }

    private func texts(_ name: String) -> [String: String] {
        guard let object = self["metadata", name]?.objectValue else { return [:] }
        return Dictionary(object.map { ($0.name, $0.value.stringValue ?? "") }) { first, _ in first }
    }
}

extension JSONObject {
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSONValue?) -> JSONObject {
        guard let first = path.first else { return self }
        var changed = self
        if path.count == 1 {
            changed[first] = value
        } else if let inner = self[first]?.objectValue {
            changed[first] = .object(inner.setting(path.dropFirst(), to: value))
        } else if value != nil {
            changed[first] = .object(JSONObject().setting(path.dropFirst(), to: value))
        }
        return changed
    }
}

extension JSONValue {
    /// Texts by name, in the order of the names.
    static func object(_ texts: [String: String]) -> JSONValue {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

/// What a list request found, all its pages together.
package struct ObjectList: Sendable {
    package var items: [KubernetesObject]
    /// The state of the cluster that it shows, from which to watch on.
    package var resourceVersion: String
}
