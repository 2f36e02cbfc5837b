/// Names for the bytes that the wire format gives a meaning.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let percent: UInt8 = 0x25
    static let asterisk: UInt8 = 0x2A
    static let comma: UInt8 = 0x2C
    static let dot: UInt8 = 0x2E
    static let slash: UInt8 = 0x2F
    static let zero: UInt8 = 0x30
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let question: UInt8 = 0x3F
    static let bracketOpen: UInt8 = 0x5B
    static let bracketClose: UInt8 = 0x5D
    static let delete: UInt8 = 0x7F

    /// The byte's value as a hexadecimal digit, or nil.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// The upper-case hexadecimal digit of a value below 16.
    @inline(__always)
    static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x41 + value - 10
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Whether the byte may stand in a field's value: visible, obs-text, space or tab (RFC 9110 §5.5).
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool { byte == tab || (byte >= space && byte != delete) }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes equal a lower-case text of ASCII letters, digits and dashes, whatever their case.
    @inline(__always)
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let expected = text.utf8Start
        var offset = 0
        while offset < count {
            var byte = self[offset]
            if byte &- 0x41 < 26 { byte |= 0x20 }
            if byte != expected[offset] { return false }
            offset += 1
        }
        return true
    }

    /// Whether two texts are equal but for the case of ASCII letters.
    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for offset in 0..<count {
            var left = self[offset]
            var right = other[offset]
            if left &- 0x41 < 26 { left |= 0x20 }
            if right &- 0x41 < 26 { right |= 0x20 }
            if left != right { return false }
        }
        return true
    }

    /// Calls `body` with each non-empty element of a comma-separated list, without the white space around it.
    @inline(__always)
    func forEachListElement<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        var start = 0
        while start <= count {
            var end = start
            while end < count, self[end] != ASCII.comma { end += 1 }
            let next = end + 1
            while start < end, self[start] == ASCII.space || self[start] == ASCII.tab { start += 1 }
            while end > start, self[end - 1] == ASCII.space || self[end - 1] == ASCII.tab { end -= 1 }
            if start < end { try body(UnsafeRawBufferPointer(rebasing: self[start..<end])) }
            start = next
        }
    }
}
