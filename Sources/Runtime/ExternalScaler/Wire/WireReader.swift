/// One field of a protobuf message, as it stands in the bytes.
package struct WireField {
    enum Value {
        case integer(UInt64)
        case eightBytes(UInt64)
        case fourBytes(UInt32)
        case bytes(ArraySlice<UInt8>)
        /// A group, whose contents were passed over; no message here has one.
        case group
    }

    var number: Int
    var value: Value
}

/// Reads a protobuf message's fields front to back (the encoding of
/// <https://protobuf.dev/programming-guides/encoding/>).
struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field; `nil` at the end.
    mutating func next() throws(WireError) -> WireField? {
        guard !rest.isEmpty else { return nil }
        let (number, type) = try tag()
        guard type != 4 else { throw .unmatchedGroup }
        return WireField(number: number, value: try value(number, type, depth: 0))
    }

    private mutating func tag() throws(WireError) -> (number: Int, type: UInt64) {
        let tag = try integer()
        guard tag >> 3 >= 1, tag >> 3 < 1 << 29 else { throw .badTag(tag) }
        return (Int(tag >> 3), tag & 7)
    }

    private mutating func value(_ number: Int, _ type: UInt64, depth: Int) throws(WireError) -> WireField.Value {
        switch type {
        case 0: return .integer(try integer())
        case 1: return .eightBytes(try fixed(8))
        case 2:
            let count = try integer()
            guard count <= rest.count else { throw .truncated }
            return .bytes(take(Int(count)))
        case 3:
            guard depth < 100 else { throw .tooDeep }
            while true {
                let (inner, type) = try tag()
                if type == 4 {
                    guard inner == number else { throw .unmatchedGroup }
                    return .group
                }
                _ = try value(inner, type, depth: depth + 1)
            }
        case 5: return .fourBytes(UInt32(try fixed(4)))
        default: throw .badTag(UInt64(number) << 3 | type)
        }
    }

    private mutating func integer() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw .truncated }
            // What the tenth byte has beyond 64 bits is dropped, as everywhere.
            result |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return result }
        }
        throw .longInteger
    }

    private mutating func fixed(_ count: Int) throws(WireError) -> UInt64 {
        guard rest.count >= count else { throw .truncated }
        return take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension WireField {
    /// A message or a string, before it is looked into; `nil` where the field is of another type, and so not known.
    var bytes: ArraySlice<UInt8>? {
        if case .bytes(let bytes) = value { bytes } else { nil }
    }

    /// A string.
    func text() throws(WireError) -> String? {
        guard let bytes else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(field: number) }
        return text
    }

    /// An `int64`, `int32`, `bool` or `enum`.
    var integer: Int64? {
        if case .integer(let bits) = value { Int64(bitPattern: bits) } else { nil }
    }

    /// A `double`.
    var double: Double? {
        if case .eightBytes(let bits) = value { Double(bitPattern: bits) } else { nil }
    }
}
