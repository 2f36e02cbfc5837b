package import JSON
package import Kubernetes

/// What would change of an object.
package struct ObjectDifference: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        /// Such as `spec.template.spec.containers[0].image`.
        package var path: String
        package var before: JSONValue?
        package var after: JSONValue?
    }

    package let object: String
    package let lines: [Line]
    /// Whether it is not there yet.
    package let isNew: Bool

    /// Compares an object as it is with what it would be; what servers write themselves is left out.
    package init(from before: KubernetesObject?, to after: KubernetesObject) {
        object = "\(after.kind) \(after.name)"
        isNew = before == nil
        var lines: [Line] = []
        Self.compare(before.map(Self.told), Self.told(after), path: "", into: &lines)
        self.lines = lines
    }

    package var isEmpty: Bool { lines.isEmpty }

    /// As people read it: a line for the object, one for each member.
    package var text: String {
        if isNew { return "+ \(object)\n" }
        if lines.isEmpty { return "= \(object)\n" }
        return "~ \(object)\n"
            + lines.map { "    \($0.path): \(Self.short($0.before)) → \(Self.short($0.after))\n" }.joined()
    }

    package var json: JSONValue {
        [
            "object": .string(object), "isNew": .bool(isNew),
            "changes": .array(
                isNew
                    ? []
                    : lines.map {
                        ["path": .string($0.path), "before": $0.before ?? .null, "after": $0.after ?? .null]
                    }
            ),
        ]
    }

    private static func short(_ value: JSONValue?) -> String {
        guard let value else { return "nothing" }
        if case .string(let text) = value, text.contains("\n") { return "\(text.split(separator: "\n").count) lines" }
        return value.description
    }

    private static func told(_ object: KubernetesObject) -> JSONValue {
        var object = object
        object["status"] = nil
        for name in ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"] {
            object["metadata", name] = nil
        }
        return object.value
    }

    private static func compare(_ before: JSONValue?, _ after: JSONValue?, path: String, into lines: inout [Line]) {
        guard before != after else { return }
        switch (before, after) {
        case (.object(let left)?, .object(let right)?):
            let names = left.names + right.names.filter { left[$0] == nil }
            for name in names {
                compare(left[name], right[name], path: path.isEmpty ? name : "\(path).\(name)", into: &lines)
            }
        case (.array(let left)?, .array(let right)?) where left.count == right.count:
            for index in left.indices { compare(left[index], right[index], path: "\(path)[\(index)]", into: &lines) }
        default: lines.append(Line(path: path, before: before, after: after))
        }
    }
}
