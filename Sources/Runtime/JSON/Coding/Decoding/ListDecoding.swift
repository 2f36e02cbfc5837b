import CJansson

/// Reads the elements of a list, one after the other.
struct ListDecoding: UnkeyedDecodingContainer {
    let tree: JSONTree
    /// A list of `tree`.
    let node: Node
    let step: CodingStep?
    private let length: Int
    private(set) var currentIndex = 0

    init(tree: JSONTree, node: Node, step: CodingStep?) {
        self.tree = tree
        self.node = node
        self.step = step
        length = json_array_size(node)
    }

    var codingPath: [any CodingKey] { step.path }
    var count: Int? { length }
    var isAtEnd: Bool { currentIndex >= length }

    /// Moves on only past a `null`, as the protocol demands.
    mutating func decodeNil() throws -> Bool {
        let isNull = try current(Never?.self).decodeNil()
        if isNull { currentIndex += 1 }
        return isNull
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try current(type).decodeAny(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let container = try current([String: JSONValue].self).container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try current([JSONValue].self).unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try current(JSONValue.self)
        currentIndex += 1
        return decoder
    }

    private func current(_ type: any Any.Type) throws -> ValueDecoder {
        let inner = CodingStep(.index(currentIndex), within: step)
        guard let element = json_array_get(node, currentIndex) else {
            let context = DecodingError.Context(
                codingPath: inner.outer.path + [JSONKey(currentIndex)],
                debugDescription: "the list has only \(length) elements"
            )
            throw DecodingError.valueNotFound(type, context)
        }
        return ValueDecoder(tree: tree, node: element, step: inner)
    }
}
