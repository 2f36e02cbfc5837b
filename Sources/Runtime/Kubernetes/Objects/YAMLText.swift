import JSON
import YAML

/// Why a text holds no manifests.
package struct ManifestTextError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// YAML as Kubernetes reads it: what JSON can hold, in one or several documents.
struct YAMLText: ~Copyable {
    /// Deeper than any object of the API.
    private static let maxDepth = 200

    private var parser: YAMLParser
    /// What the aliases of this document stand for.
    private var anchors: [String: JSONValue] = [:]

    /// The documents, empty ones left out.
    static func values(_ text: String) throws(ManifestTextError) -> [JSONValue] {
        do throws(YAMLError) {
            var reader = YAMLText(parser: try YAMLParser(text.utf8))
            return try reader.documents()
        } catch {
            throw ManifestTextError(description: error.description)
        }
    }

    private init(parser: consuming YAMLParser) {
        self.parser = parser
    }

    private mutating func documents() throws(YAMLError) -> [JSONValue] {
        var values: [JSONValue] = []
        while try parser.next().content == .documentStart {
            anchors = [:]
            let value = try value(try parser.next(), depth: 0)
            if value != .null { values.append(value) }
            _ = try parser.next()
        }
        return values
    }

    private mutating func value(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> JSONValue {
        guard depth < Self.maxDepth else { throw YAMLError(.depth, "it is nested too deeply", at: event.mark) }
        var value: JSONValue
        let anchor: String?
        switch event.content {
        case .alias(let name):
            guard let value = anchors[name] else {
                throw YAMLError(.syntax, "the alias '*\(name)' has no anchor above it", at: event.mark)
            }
            return value
        case .scalar(let scalar, let properties):
            value = Self.value(scalar, tag: properties.tag)
            anchor = properties.anchor
        case .sequenceStart(let properties):
            var elements: [JSONValue] = []
            while true {
                let event = try parser.next()
                if event.content == .sequenceEnd { break }
                elements.append(try self.value(event, depth: depth + 1))
            }
            value = .array(elements)
            anchor = properties.anchor
        case .mappingStart(let properties):
            value = .object(try object(depth: depth))
            anchor = properties.anchor
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            // The parser starts no node with these.
            return .null
        }
        if let anchor { anchors[anchor] = value }
        return value
    }

    /// The entries of a mapping; what is merged in yields to what is there.
    private mutating func object(depth: Int) throws(YAMLError) -> JSONObject {
        var object = JSONObject()
        var merged: [JSONValue] = []
        while true {
            let key = try parser.next()
            let name: String
            var isMerge = false
            switch key.content {
            case .mappingEnd:
                for value in merged {
                    for (name, value) in value.objectValue ?? JSONObject() where object[name] == nil {
                        object[name] = value
                    }
                }
                return object
            case .scalar(let scalar, let properties):
                name = scalar.text
                isMerge = scalar.isPlain && name == "<<"
                if let anchor = properties.anchor { anchors[anchor] = .string(name) }
            case .alias(let alias) where anchors[alias]?.stringValue != nil:
                name = anchors[alias]?.stringValue ?? ""
            default: throw YAMLError(.syntax, "a key is no text", at: key.mark)
            }
            let value = try value(try parser.next(), depth: depth + 1)
            if isMerge {
                merged += value.arrayValue ?? [value]
            } else if object[name] == nil {
                object[name] = value
            } else {
                throw YAMLError(.syntax, "the key '\(name)' is given a second time", at: key.mark)
            }
        }
    }

    private static func value(_ scalar: YAMLScalar, tag: String?) -> JSONValue {
        let core = "tag:yaml.org,2002:"
        // Of the tags, those of JSON's types may make a number of what stands in quotes; any other leaves a text.
        let isTyped = tag.map { ["null", "bool", "int", "float"].map { core + $0 }.contains($0) }
        guard isTyped ?? scalar.isPlain else { return .string(scalar.text) }
        switch PlainScalar(scalar.text) {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return tag == core + "float" ? .double(Double(value)) : .int(value)
        case .double(let value): return .double(value)
        case .text: return .string(scalar.text)
        }
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
