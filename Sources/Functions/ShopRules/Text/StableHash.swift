/// A hash that is the same in every process and for ever: FNV-1a with 64 bits.
///
/// It tells versions of a thing apart. It keeps no secret and resists nobody who looks for collisions.
package struct StableHash {
    /// The hash of what was added.
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of nothing.
    package init() {}

    /// Adds bytes.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    /// Adds a text and an end mark, so that `ab`, `c` is not `a`, `bc`.
    package mutating func add(_ text: String) {
        add(text.utf8)
        add(CollectionOfOne(UInt8(0xFF)))
    }

    /// The hash in hexadecimal digits, always 16.
    package var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
