package import JSON

/// How something is written.
package struct WriteOptions: Sendable {
    /// Who the server is told owns the fields written.
    package var fieldManager: String
    /// Whether the server only says what it would do.
    package var isDryRun: Bool

    package init(fieldManager: String = "shopfn", isDryRun: Bool = false) {
        self.fieldManager = fieldManager
        self.isDryRun = isDryRun
    }

    var query: [(name: String, value: String)] {
        // Servers that do not know fieldValidation (before 1.25) pass over it.
        [("fieldManager", fieldManager), ("fieldValidation", "Strict")] + (isDryRun ? [("dryRun", "All")] : [])
    }
}

/// How something is deleted.
package struct DeleteOptions: Sendable {
    /// What becomes of the objects that the deleted one owns.
    package enum Propagation: String, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    package var propagation: Propagation
    /// Seconds a pod has for its end; `nil` for its own.
    package var gracePeriod: Int?
    /// Only this very object, not another of its name.
    package var uid: String?
    package var isDryRun: Bool

    package init(
        propagation: Propagation = .background,
        gracePeriod: Int? = nil,
        uid: String? = nil,
        isDryRun: Bool = false
    ) {
        self.propagation = propagation
        self.gracePeriod = gracePeriod
        self.uid = uid
        self.isDryRun = isDryRun
    }

    var body: JSONValue {
        var json = JSONObject([
            ("apiVersion", "v1"), ("kind", "DeleteOptions"), ("propagationPolicy", .string(propagation.rawValue)),
        ])
        if let gracePeriod { json["gracePeriodSeconds"] = .int(gracePeriod) }
        if let uid { json["preconditions"] = ["uid": .string(uid)] }
        if isDryRun { json["dryRun"] = ["All"] }
        return .object(json)
    }
}

/// A change of an object.
package enum Patch: Sendable {
    /// RFC 7386: lists are replaced.
    case merge(JSONValue)
    /// Kubernetes' own: lists of things with names are merged. Not for custom resources.
    case strategicMerge(JSONValue)
    /// RFC 6902: operations.
    case json([JSONValue])

    var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .strategicMerge: "application/strategic-merge-patch+json"
        case .json: "application/json-patch+json"
        }
    }

    var body: JSONValue {
        switch self {
        case .merge(let value), .strategicMerge(let value): value
        case .json(let operations): .array(operations)
        }
    }
}
