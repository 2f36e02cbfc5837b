import CJansson

/// Reads one value of a parsed tree; it is the decoder of that value and its single-value container in one.
struct ValueDecoder: Decoder {
    let tree: JSONTree
    /// Points into `tree`.
    let node: Node
    let step: CodingStep?

    var codingPath: [any CodingKey] { step.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try require(JSON_OBJECT, [String: JSONValue].self, "an object")
        return KeyedDecodingContainer(ObjectDecoding<Key>(tree: tree, node: node, step: step))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try require(JSON_ARRAY, [JSONValue].self, "a list")
        return ListDecoding(tree: tree, node: node, step: step)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// Decodes, with a short way for what lists and dictionaries are mostly made of.
    func decodeAny<T: Decodable>(_ type: T.Type) throws -> T {
        if type == String.self, let value = try decode(String.self) as? T { return value }
        if type == Int.self, let value = try decode(Int.self) as? T { return value }
        if type == JSONValue.self, let value = JSONValue(node) as? T { return value }
        return try T(from: self)
    }

    private func require(_ kind: json_type, _ type: any Any.Type, _ name: String) throws {
        guard node.pointee.type == kind else { throw mismatch(type, expected: name) }
    }

    func mismatch(_ type: any Any.Type, expected: String) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "expected \(expected), found \(node.kind)"
        )
        return node.pointee.type == JSON_NULL ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}

extension JSONTree {
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // Nodes are plain pointers: without this the tree could go with its last mention.
        try withExtendedLifetime(self) { try ValueDecoder(tree: self, node: root, step: nil).decodeAny(type) }
    }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { node.pointee.type == JSON_NULL }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch node.pointee.type {
        case JSON_TRUE: true
        case JSON_FALSE: false
        default: throw mismatch(type, expected: "true or false")
        }
    }

    func decode(_ type: String.Type) throws -> String {
        guard node.pointee.type == JSON_STRING else { throw mismatch(type, expected: "a string") }
        return node.text
    }

    func decode(_ type: Double.Type) throws -> Double {
        switch node.pointee.type {
        case JSON_REAL: json_real_value(node)
        case JSON_INTEGER: Double(json_integer_value(node))
        default: throw mismatch(type, expected: "a number")
        }
    }

    func decode(_ type: Float.Type) throws -> Float {
        let number = Float(try decode(Double.self))
        guard number.isFinite else { throw outOfRange(type) }
        return number
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decodeAny(type) }

    /// Reads an integer exactly; 3.0 and 3e2 are integers too, 3.5 is not.
    private func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
        switch node.pointee.type {
        case JSON_INTEGER:
            guard let number = I(exactly: json_integer_value(node)) else { throw outOfRange(type) }
            return number
        case JSON_REAL:
            let real = json_real_value(node)
            guard real.rounded(.towardZero) == real else { throw mismatch(type, expected: "an integer") }
            guard let number = I(exactly: real) else { throw outOfRange(type) }
            return number
        default: throw mismatch(type, expected: "an integer")
        }
    }

    private func outOfRange(_ type: (some FixedWidthInteger).Type) -> DecodingError {
        outOfRange("from \(type.min) to \(type.max)")
    }

    private func outOfRange(_ type: Float.Type) -> DecodingError {
        outOfRange("of at most \(Float.greatestFiniteMagnitude)")
    }

    private func outOfRange(_ range: String) -> DecodingError {
        .dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription: "expected a number \(range), found \(node.kind)"
            )
        )
    }
}
