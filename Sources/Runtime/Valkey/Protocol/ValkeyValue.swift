/// A reply, as the protocol RESP2 knows them.
public enum ValkeyValue: Hashable, Sendable {
    /// Nothing, such as the value of a key that does not exist.
    case null
    /// A whole number.
    case integer(Int)
    /// A short text that reports success, such as `OK`.
    case status(String)
    /// Any bytes, such as the value of a key.
    case bytes([UInt8])
    /// A list of replies.
    case array([ValkeyValue])
    /// An error in place of an element of a list; a whole reply that is an error is thrown instead.
    case error(ValkeyServerError)
}

extension ValkeyValue {
    /// The bytes of a value or status.
    public var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .status(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a value or status; bytes that are not UTF-8 become U+FFFD.
    public var string: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The number, also where it came as text.
    public var int: Int? {
        switch self {
        case .integer(let number): number
        case .bytes, .status: string.flatMap { Int($0) }
        default: nil
        }
    }

    /// The elements of a list.
    public var array: [ValkeyValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// What this is, for messages; contents are left out, as they may be private.
    var kind: String {
        switch self {
        case .null: "nothing"
        case .integer: "an integer"
        case .status(let text): "the status \(text)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .array(let elements): "a list of \(elements.count)"
        case .error(let error): "the error \(error)"
        }
    }
}
