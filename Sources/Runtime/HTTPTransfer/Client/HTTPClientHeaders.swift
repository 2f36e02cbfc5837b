/// The header fields of a request or response, in order; names are compared without regard to case.
public struct HTTPClientHeaders: Sendable {
    /// A field's name and value.
    public typealias Element = (name: String, value: String)

    private var fields: [Element] = []

    /// Makes no fields.
    public init() {}

    /// Makes fields of names and values.
    public init(_ fields: some Sequence<(String, String)>) {
        for (name, value) in fields { append(name, value) }
    }

    /// Adds a field after the others, also where one of its name is there.
    public mutating func append(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// The value of the first field of a name; setting replaces all fields of that name.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.isSameField(as: name) }?.value }
        set {
            fields.removeAll { $0.name.isSameField(as: name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// The values of all fields of a name, in order.
    public func values(of name: String) -> [String] {
        fields.filter { $0.name.isSameField(as: name) }.map(\.value)
    }

    mutating func removeAll() {
        fields.removeAll()
    }
}

extension HTTPClientHeaders: ExpressibleByDictionaryLiteral {
    /// Makes fields of names and values; a name may stand several times.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }
}

extension HTTPClientHeaders: RandomAccessCollection {
    /// The first position.
    public var startIndex: Int { 0 }
    /// The position after the last.
    public var endIndex: Int { fields.count }
    /// The field at a position.
    public subscript(position: Int) -> Element { fields[position] }
}

extension String {
    /// Whether two field names are the same (RFC 9110, section 5.1).
    func isSameField(as other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowercased == $1.lowercased }
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}
