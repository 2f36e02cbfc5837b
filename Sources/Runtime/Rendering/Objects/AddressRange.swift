/// A range of IPv4 addresses, such as `10.20.192.0/20` (RFC 4632).
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Reads `address/prefix`; `nil` for what is none, or does not begin at its network's address.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let prefix = Self.number(parts[1], to: 32) else { return nil }
        let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard bytes.count == 4 else { return nil }
        var address: UInt32 = 0
        for byte in bytes {
            guard let byte = Self.number(byte, to: 255) else { return nil }
            address = address << 8 | byte
        }
        guard prefix == 32 || address & (UInt32.max >> prefix) == 0 else { return nil }
        description = String(text)
    }

    /// A whole number in its shortest form.
    private static func number(_ text: some StringProtocol, to most: UInt32) -> UInt32? {
        guard let number = UInt32(text), number <= most, String(number) == text else { return nil }
        return number
    }

    /// Reads ranges with commas between them; `nil` where one is none, or there are none.
    package static func list(_ text: String) -> [AddressRange]? {
        var ranges: [AddressRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = AddressRange(part) else { return nil }
            ranges.append(range)
        }
        return ranges
    }
}
