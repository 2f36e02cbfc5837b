/// A kind of object, and where the API keeps it.
package struct Resource: Hashable, Sendable {
    /// Empty for the core group.
    package let group: String
    package let version: String
    /// The name in paths, such as `deployments`.
    package let name: String
    package let kind: String
    package let isNamespaced: Bool

    package init(group: String, version: String, name: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.name = name
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The path of a group's version.
    static func root(ofVersion apiVersion: String) -> String {
        apiVersion.contains("/") ? "/apis/\(apiVersion)" : "/api/\(apiVersion)"
    }

    /// The path of the list, or of one object, or of a part of it.
    func path(namespace: String, name: String? = nil, subresource: String? = nil) -> String {
        var path = Self.root(ofVersion: apiVersion)
        if isNamespaced, !namespace.isEmpty { path += "/namespaces/\(namespace.percentEncoded)" }
        path += "/\(self.name)"
        if let name { path += "/\(name.percentEncoded)" }
        if let subresource { path += "/\(subresource)" }
        return path
    }
}

extension Resource {
    package static let pods = Resource(group: "", version: "v1", name: "pods", kind: "Pod")
    package static let services = Resource(group: "", version: "v1", name: "services", kind: "Service")
    package static let configMaps = Resource(group: "", version: "v1", name: "configmaps", kind: "ConfigMap")
    package static let secrets = Resource(group: "", version: "v1", name: "secrets", kind: "Secret")
    package static let events = Resource(group: "", version: "v1", name: "events", kind: "Event")
    package static let resourceQuotas = Resource(
        group: "",
        version: "v1",
        name: "resourcequotas",
        kind: "ResourceQuota"
    )
    package static let serviceAccounts = Resource(
        group: "",
        version: "v1",
        name: "serviceaccounts",
        kind: "ServiceAccount"
    )
    package static let namespaces = Resource(
        group: "",
        version: "v1",
        name: "namespaces",
        kind: "Namespace",
        isNamespaced: false
    )
    package static let deployments = Resource(group: "apps", version: "v1", name: "deployments", kind: "Deployment")
    package static let replicaSets = Resource(group: "apps", version: "v1", name: "replicasets", kind: "ReplicaSet")
    package static let statefulSets = Resource(group: "apps", version: "v1", name: "statefulsets", kind: "StatefulSet")
    package static let leases = Resource(
        group: "coordination.k8s.io",
        version: "v1",
        name: "leases",
        kind: "Lease"
    )
    package static let roles = Resource(
        group: "rbac.authorization.k8s.io",
        version: "v1",
        name: "roles",
        kind: "Role"
    )
    package static let roleBindings = Resource(
        group: "rbac.authorization.k8s.io",
        version: "v1",
        name: "rolebindings",
        kind: "RoleBinding"
    )

    /// What needs no question to the server.
    static let wellKnown: [Resource] = [
        .pods, .services, .configMaps, .secrets, .events, .resourceQuotas, .serviceAccounts, .namespaces, .deployments,
        .replicaSets, .statefulSets, .leases, .roles, .roleBindings,
    ]
}

/// Which objects of a resource are meant.
package struct Selector: Hashable, Sendable {
    /// A label selector as kubectl's `-l` takes it.
    package var labels: String?
    /// A field selector as kubectl's `--field-selector` takes it.
    package var fields: String?

    package init(labels: String? = nil, fields: String? = nil) {
        self.labels = labels
        self.fields = fields
    }

    package static let all = Selector()

    package static func labels(_ labels: [String: String]) -> Selector {
        Selector(labels: labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
    }

    package static func name(_ name: String) -> Selector {
        Selector(fields: "metadata.name=\(name)")
    }

    var query: [(name: String, value: String)] {
        [("labelSelector", labels), ("fieldSelector", fields)].compactMap { name, value in value.map { (name, $0) } }
    }
}
