internal import WorkerProtocol

/// The headers of a request or a response, in order; names are compared without regard to ASCII case.
public struct HTTPHeaders: Sendable {
    var fields: Fields

    /// No headers.
    public init() {
        fields = Fields()
    }

    init(_ fields: Fields) {
        self.fields = fields
    }

    /// How many headers there are; a name that stands twice counts twice.
    public var count: Int { fields.count }

    /// Whether there is none.
    public var isEmpty: Bool { count == 0 }

    /// The first value of a name.
    ///
    /// Setting replaces all of that name; setting nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first(name) }
        set {
            if fields.first(name) != nil { remove(name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// All values of a name, in order.
    public func all(_ name: String) -> [String] { fields.all(name) }

    /// Adds a header, keeping others of the same name.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(name, value)
    }

    /// Removes all headers of a name.
    public mutating func remove(_ name: String) {
        var kept = Fields()
        fields.withView { view in
            for field in view where !asciiEqual(field.name, name) {
                kept.append(name: field.name, value: field.value)
            }
        }
        fields = kept
    }
}

extension HTTPHeaders: Sequence {
    /// Walks over the headers in order.
    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> {
        fields.strings.makeIterator()
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// The headers in the order they are written.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

extension HTTPHeaders {
    /// What keeps the headers from being sent, in words, or nil (RFC 9110, 5.1 and 5.5).
    var violation: String? {
        fields.withView { view in
            for (name, value) in view {
                guard !name.isEmpty, name.allSatisfy(isTokenByte) else {
                    return "'\(String(decoding: name, as: UTF8.self))' is no name of a header"
                }
                guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                    return "the value of '\(String(decoding: name, as: UTF8.self))' holds a control character"
                }
            }
            return nil
        }
    }
}

/// Whether a byte may stand in a header's name.
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E:
        true
    default: false
    }
}
