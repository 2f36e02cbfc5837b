import CJansson

extension JSONValue {
    /// Reads one JSON text.
    ///
    /// - Throws: ``JSONParseError`` with the place of the mistake. A name that stands twice in one object, an integer
    ///   beyond 64 bits and a name with a zero byte are refused.
    public init(parsing text: [UInt8], limits: JSONLimits = .standard) throws(JSONParseError) {
        let tree = try JSONTree.parse(text, limits: limits)
        self = withExtendedLifetime(tree) { JSONValue(tree.root) }
    }

    /// Reads one JSON text.
    ///
    /// - Throws: ``JSONParseError`` with the place of the mistake.
    public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONParseError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// Copies a parsed part out of its tree; the depth was limited when it was parsed.
    init(_ node: Node) {
        switch node.pointee.type {
        case JSON_NULL: self = .null
        case JSON_TRUE: self = .bool(true)
        case JSON_FALSE: self = .bool(false)
        case JSON_INTEGER: self = .int(Int(json_integer_value(node)))
        case JSON_REAL: self = .double(json_real_value(node))
        case JSON_STRING: self = .string(node.text)
        case JSON_ARRAY:
            let count = json_array_size(node)
            var elements: [JSONValue] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                if let element = json_array_get(node, index) { elements.append(JSONValue(element)) }
            }
            self = .array(elements)
        default:
            var object = JSONObject()
            object.reserveCapacity(json_object_size(node))
            node.forEachMember { name, value in object.append(name, JSONValue(value)) }
            self = .object(object)
        }
    }
}

extension Node {
    /// The text of a string.
    var text: String {
        let bytes = UnsafeRawBufferPointer(start: json_string_value(self), count: json_string_length(self))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a name, if this is an object that has it.
    func member(_ name: String) -> Node? {
        var name = name
        return name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { bytes in
                guard let start = bytes.baseAddress else { return json_object_get(self, "") }
                return json_object_getn(self, start, bytes.count)
            }
        }
    }

    func forEachMember(_ body: (String, Node) -> Void) {
        var iterator = json_object_iter(self)
        while let current = iterator {
            if let key = json_object_iter_key(current), let value = json_object_iter_value(current) {
                let bytes = UnsafeRawBufferPointer(start: key, count: json_object_iter_key_len(current))
                body(String(decoding: bytes, as: UTF8.self), value)
            }
            iterator = json_object_iter_next(self, current)
        }
    }

    /// What this is, for messages.
    var kind: String {
        switch pointee.type {
        case JSON_NULL: "null"
        case JSON_TRUE, JSON_FALSE: "a truth value"
        case JSON_INTEGER: "the integer \(json_integer_value(self))"
        case JSON_REAL: "the number \(json_real_value(self))"
        case JSON_STRING: "a string"
        case JSON_ARRAY: "a list"
        default: "an object"
        }
    }
}
