/// What a text without quotes or tag means (the YAML 1.1 type repository's rules, as go-yaml and with it Kubernetes
/// follows them).
package enum PlainScalar: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// A finite number.
    case double(Double)
    /// Everything else. A number to the base 60, a time of day or a pair of ports to everybody but YAML 1.1, is one.
    case text

    package init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": self = .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": self = .bool(false)
        default: self = Self.number(text)
        }
    }

    private static func number(_ text: String) -> PlainScalar {
        // Most texts are no numbers, and their first character tells.
        guard let first = text.utf8.first, isDigit(first) || "+-.".utf8.contains(first) else { return .text }
        let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
        if let integer = integer(digits) { return integer }
        guard isFraction(Array(text.utf8)), let value = Double(String(decoding: digits, as: UTF8.self)),
            value.isFinite
        else { return .text }
        return .double(value)
    }

    /// A whole number without its underscores; text where it is one and too large, nothing where it is none.
    private static func integer(_ text: [UInt8]) -> PlainScalar? {
        var digits = text[...]
        let sign = digits.first.flatMap { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") ? $0 : nil }
        if sign != nil { digits.removeFirst() }
        var radix = 10
        if digits.first == UInt8(ascii: "0"), digits.count > 1 {
            digits.removeFirst()
            switch digits.first {
            case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst())
            case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst())
            case UInt8(ascii: "o"): (radix, digits) = (8, digits.dropFirst())
            default: radix = 8
            }
        }
        guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
            digits.allSatisfy({ isDigit($0, radix) })
        else { return nil }
        let written = (sign == UInt8(ascii: "-") ? "-" : "") + String(decoding: digits, as: UTF8.self)
        return Int(written, radix: radix).map { .int($0) } ?? .text
    }

    /// Whether digits stand there with a point or an exponent, or both.
    private static func isFraction(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let first = rest.first, isDigit(first) || first == UInt8(ascii: ".") else { return false }
        var digits = 0
        func skipDigits() {
            while let next = rest.first, isDigit(next) || next == UInt8(ascii: "_") {
                if next != UInt8(ascii: "_") { digits += 1 }
                rest.removeFirst()
            }
        }
        skipDigits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            skipDigits()
        }
        guard digits > 0 else { return false }
        guard let exponent = rest.first else { return true }
        guard exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") else { return false }
        rest.removeFirst()
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.removeFirst() }
        return !rest.isEmpty && rest.allSatisfy { isDigit($0) }
    }

    private static func isDigit(_ byte: UInt8, _ radix: Int = 10) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) < radix
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
        default: false
        }
    }
}
