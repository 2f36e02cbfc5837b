/// A type that a reply can be turned into.
public protocol ValkeyDecodable {
    /// Takes the value out of a reply.
    ///
    /// - Throws: ``ValkeyError/unexpectedReply(_:)`` for a reply of another kind, ``ValkeyError/server(_:)`` for an error.
    init(_ reply: ValkeyValue) throws(ValkeyError)

    /// Takes a list of such values out of a reply.
    ///
    /// - Throws: as the initializer does.
    static func list(_ reply: ValkeyValue) throws(ValkeyError) -> [Self]
}

extension ValkeyDecodable {
    /// Takes each element of a list.
    public static func list(_ reply: ValkeyValue) throws(ValkeyError) -> [Self] {
        guard case .array(let elements) = reply else { throw .unexpected(reply, wanted: "a list") }
        var values: [Self] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try Self(element)) }
        return values
    }
}

extension ValkeyError {
    static func unexpected(_ reply: ValkeyValue, wanted: String) -> ValkeyError {
        if case .error(let error) = reply {
            .server(error)
        } else {
            .unexpectedReply("expected \(wanted), got \(reply.kind)")
        }
    }
}

extension ValkeyValue: ValkeyDecodable {
    /// Takes any reply as it is, errors apart.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        if case .error(let error) = reply { throw .server(error) }
        self = reply
    }
}

extension String: ValkeyDecodable {
    /// Takes a value or status as text.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        guard let text = reply.string else { throw .unexpected(reply, wanted: "a text") }
        self = text
    }
}

extension Int: ValkeyDecodable {
    /// Takes a number, also where it came as text.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        guard let number = reply.int else { throw .unexpected(reply, wanted: "an integer") }
        self = number
    }
}

extension Double: ValkeyDecodable {
    /// Takes a number, which comes as text.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        if case .integer(let number) = reply {
            self = Double(number)
            return
        }
        guard let text = reply.string, let number = Double(text) else { throw .unexpected(reply, wanted: "a number") }
        self = number
    }
}

extension Bool: ValkeyDecodable {
    /// Takes 1 or `OK` for true, 0 or nothing for false.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        switch reply {
        case .integer(1): self = true
        case .integer(0), .null: self = false
        case .status("OK"): self = true
        default: throw .unexpected(reply, wanted: "0 or 1")
        }
    }
}

extension Optional: ValkeyDecodable where Wrapped: ValkeyDecodable {
    /// Takes nothing for `nil`.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        self = reply == .null ? nil : try Wrapped(reply)
    }
}

extension Array: ValkeyDecodable where Element: ValkeyDecodable {
    /// Takes a list; for an array of bytes, a value.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        self = try Element.list(reply)
    }
}

extension UInt8: ValkeyDecodable {
    /// Takes a small number.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        guard let byte = reply.int.flatMap(UInt8.init(exactly:)) else {
            throw .unexpected(reply, wanted: "a number up to 255")
        }
        self = byte
    }

    /// Takes the bytes of a value.
    public static func list(_ reply: ValkeyValue) throws(ValkeyError) -> [UInt8] {
        guard let bytes = reply.bytes else { throw .unexpected(reply, wanted: "a value") }
        return bytes
    }
}

extension Dictionary: ValkeyDecodable where Key: ValkeyDecodable, Value: ValkeyDecodable {
    /// Takes a list in which keys and values take turns, as of a hash.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        let elements = try reply.pairs()
        self.init(minimumCapacity: elements.count / 2)
        for index in stride(from: 0, to: elements.count, by: 2) {
            self[try Key(elements[index])] = try Value(elements[index + 1])
        }
    }
}

extension ValkeyValue {
    /// The elements of a list in which keys and values take turns, as of a hash; throws where it is none.
    package func pairs() throws(ValkeyError) -> [ValkeyValue] {
        guard case .array(let elements) = self, elements.count.isMultiple(of: 2) else {
            throw .unexpected(self, wanted: "a list of pairs")
        }
        return elements
    }
}
