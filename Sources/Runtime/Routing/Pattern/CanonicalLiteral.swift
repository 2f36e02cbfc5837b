/// The one spelling of a literal segment that canonical request paths have (RFC 3986 §6.2.2).
///
/// The gateway brings each path to this form before it routes, so a literal spelled otherwise could never match.
enum CanonicalLiteral {
    enum Verdict {
        case canonical
        case spelledAs(String)
        case impossible(String)
    }

    static func check(_ literal: String) -> Verdict {
        var canonical: [UInt8] = []
        let bytes = Array(literal.utf8)
        var offset = 0
        while offset < bytes.count {
            var byte = bytes[offset]
            if byte == UInt8(ascii: "%") {
                guard offset + 2 < bytes.count, let high = HexDigit.value(bytes[offset + 1]),
                    let low = HexDigit.value(bytes[offset + 2])
                else { return .impossible("Follow each percent sign by two hexadecimal digits, or write it as %25.") }
                byte = high << 4 | low
                guard byte != 0 else { return .impossible("Leave %00 out: such requests are refused.") }
                offset += 3
                if isUnreserved(byte) {
                    canonical.append(byte)
                } else {
                    HexDigit.appendEscape(of: byte, to: &canonical)
                }
            } else {
                offset += 1
                if isUnreserved(byte) || "!$&'()*+,;=:@".utf8.contains(byte) {
                    canonical.append(byte)
                } else {
                    HexDigit.appendEscape(of: byte, to: &canonical)
                }
            }
        }
        let text = String(decoding: canonical, as: UTF8.self)
        if text == "." || text == ".." {
            return .impossible("Leave dot segments out: they are resolved before a request is routed.")
        }
        return text == literal ? .canonical : .spelledAs(text)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}

/// Hexadecimal digits of percent-encoding.
enum HexDigit {
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "%"))
        for digit in [byte >> 4, byte & 0xF] { output.append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10) }
    }
}
