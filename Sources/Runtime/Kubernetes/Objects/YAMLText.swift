import JSON
import Yams

/// Why a text holds no manifests.
package struct ManifestTextError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// YAML as Kubernetes reads it: what JSON can hold, in one or several documents.
enum YAMLText {
    /// Deeper than any object of the API.
    private static let maxDepth = 200

    /// The documents, empty ones left out.
    static func values(_ text: String) throws(ManifestTextError) -> [JSONValue] {
        var values: [JSONValue] = []
        do {
            var nodes = try Yams.compose_all(yaml: text)
            while let node = nodes.next() {
                let value = try json(node, depth: 0)
                if value != .null { values.append(value) }
            }
            // Where the parser stops at a mistake, the sequence only ends.
            if let error = nodes.error { throw error }
        } catch let error as ManifestTextError {
            throw error
        } catch {
            throw ManifestTextError(description: "\(error)".trimmed)
        }
        return values
    }

    private static func json(_ node: Node, depth: Int) throws(ManifestTextError) -> JSONValue {
        guard depth < maxDepth else { throw ManifestTextError(description: "it is nested too deeply") }
        switch node {
        case .scalar(let scalar): return value(scalar, node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try json(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping {
                let value = try json(value, depth: depth + 1)
                if case .scalar(let scalar) = key, scalar.string == "<<", scalar.style == .plain {
                    merge(value, into: &object)
                } else if case .scalar(let scalar) = key {
                    object[scalar.string] = value
                } else {
                    throw ManifestTextError(description: "a key is no text, near line \(key.mark?.line ?? 0)")
                }
            }
            return .object(object)
        case .alias:
            throw ManifestTextError(description: "an alias has no anchor, near line \(node.mark?.line ?? 0)")
        }
    }

    /// What is merged in yields to what is there.
    private static func merge(_ value: JSONValue, into object: inout JSONObject) {
        for source in value.arrayValue ?? [value] {
            for (name, value) in source.objectValue ?? JSONObject() where object[name] == nil { object[name] = value }
        }
    }

    private static func value(_ scalar: Node.Scalar, _ node: Node) -> JSONValue {
        let tag = node.tag
        if tag == .init(.null) { return .null }
        if tag == .init(.bool), let value = node.bool { return .bool(value) }
        // A number to the base 60, as YAML 1.1 has it, is a time or a pair of ports to everybody else.
        if tag == .init(.int), !scalar.string.contains(":"), let value = node.int { return .int(value) }
        if tag == .init(.float), !scalar.string.contains(":"), let value = node.float, value.isFinite {
            return .double(value)
        }
        return .string(scalar.string)
    }
}

extension KubernetesObject {
    /// The objects of a manifest: one or several documents, lists unfolded.
    ///
    /// - Throws: ``ManifestTextError`` if it is no YAML, or a document is no object of the API.
    package static func documents(yaml text: String) throws(ManifestTextError) -> [KubernetesObject] {
        var objects: [KubernetesObject] = []
        for (index, value) in try YAMLText.values(text).enumerated() {
            let items = value["kind"]?.stringValue == "List" ? value["items"]?.arrayValue ?? [] : [value]
            for item in items {
                guard let json = item.objectValue, let kind = json["kind"]?.stringValue, !kind.isEmpty,
                    let version = json["apiVersion"]?.stringValue, !version.isEmpty
                else {
                    throw ManifestTextError(
                        description: "document \(index + 1) is no Kubernetes object: it has no apiVersion and kind"
                    )
                }
                objects.append(KubernetesObject(json: json))
            }
        }
        return objects
    }
}
