extension [UInt8] {
    mutating func appendJSON(_ value: Bool) {
        append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    mutating func appendJSON(_ value: some FixedWidthInteger) {
        if value >= 0, value < 10 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
        } else {
            append(contentsOf: value.description.utf8)
        }
    }

    /// Appends the shortest digits that read back as this finite number.
    mutating func appendJSON(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
        append(contentsOf: value.description.utf8)
    }

    /// Appends a string with its quotes; what RFC 8259 lets stand unescaped stays as it is.
    mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in utf8.indices where mustEscape(utf8[index]) {
                append(contentsOf: utf8[start..<index])
                appendEscaped(utf8[index])
                start = index + 1
            }
            append(contentsOf: utf8[start...])
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x09: append(UInt8(ascii: "t"))
        default:
            append(contentsOf: "u00".utf8)
            append(hexDigit(byte >> 4))
            append(hexDigit(byte & 0x0F))
        }
    }
}

private func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
