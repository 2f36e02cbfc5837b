/// The ids that customers send: what they may look like.
package enum Identifier {
    /// Whether a text can be a product's id: lower-case letters, digits and hyphens, at most 64.
    package static func isProduct(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == hyphen }
    }

    /// Whether a text can be a cart's id: letters, digits, hyphens and underscores, at most 64.
    package static func isCart(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isWordByte)
    }

    /// Whether a text can be an order's id.
    package static func isOrder(_ text: String) -> Bool { isCart(text) }

    private static let hyphen = UInt8(ascii: "-")

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || byte == hyphen || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
