/// Percent-encoding of paths and queries (RFC 3986 §2.1).
package enum PercentEncoding {
    /// What may stand in a path as it is.
    package static let path = Array("-._~!$&'()*+,;=:@/%".utf8)
    /// What may stand in a name or value of a query as it is; `+` may not, because it means a space there.
    package static let queryComponent = Array("-._~!$'()*,;:@/?".utf8)
    /// What may stand in a whole query as it is.
    package static let query = Array("-._~!$&'()*+,;=:@/?%".utf8)

    /// The text with every byte escaped that is neither a letter, a digit nor one of the given.
    ///
    /// A percent sign that is kept is kept only where it begins an escape.
    package static func encode(_ text: String, keeping kept: [UInt8]) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.append(byte)
            case UInt8(ascii: "%") where !beginsEscape(bytes, at: index):
                result += Array("%25".utf8)
            case _ where kept.contains(byte):
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 0xF] { result.append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10) }
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func beginsEscape(_ bytes: [UInt8], at index: Int) -> Bool {
        index + 2 < bytes.count && digit(bytes[index + 1]) != nil && digit(bytes[index + 2]) != nil
    }

    /// The text with its escapes resolved; an escape that is none stays as it is.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The names and values of a query, decoded, in order.
    package static func parameters(ofQuery query: String) -> [HTTPEvent.Field] {
        query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return HTTPEvent.Field(
                decode(parts[0], plusIsSpace: true),
                parts.count > 1 ? decode(parts[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The query that holds these names and values.
    package static func query(of parameters: [HTTPEvent.Field]) -> String {
        parameters.map { parameter in
            encode(parameter.name, keeping: queryComponent) + "=" + encode(parameter.value, keeping: queryComponent)
        }.joined(separator: "&")
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
