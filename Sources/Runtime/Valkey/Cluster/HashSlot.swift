/// One of the 16,384 parts into which a cluster's keys are divided; each part is one node's.
///
/// As the cluster specification says: CRC16 (XMODEM) of the key, or, where the key has a non-empty part in braces, of
/// the first such part, so that keys with a common `{tag}` are in one slot.
package struct HashSlot: Hashable, Sendable {
    /// How many slots there are.
    package static let count = 16_384

    /// The slot's number, below ``count``.
    package let number: UInt16

    /// A slot by its number; `nil` for a number that none has.
    package init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = UInt16(number)
    }

    /// The slot that a key is in.
    package init(of key: UnsafeRawBufferPointer) {
        number = crc16(Self.hashed(key)) % UInt16(Self.count)
    }

    /// The slot that a key is in.
    package init(of key: some StringProtocol) {
        self = Array(key.utf8).withUnsafeBytes { HashSlot(of: $0) }
    }

    private static func hashed(_ key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key }
        return UnsafeRawBufferPointer(rebasing: key[(open + 1)..<close])
    }
}

private let table: [UInt16] = (0..<256).map { index in
    (0..<8).reduce(UInt16(index) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
}

private func crc16(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
    bytes.reduce(0) { crc, byte in crc << 8 ^ table[Int(crc >> 8 ^ UInt16(byte))] }
}
