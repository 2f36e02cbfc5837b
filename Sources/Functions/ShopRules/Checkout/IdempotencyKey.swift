/// The value of the header `Idempotency-Key`.
package struct IdempotencyKey: Hashable, Sendable {
    /// How many parts the orders are spread over.
    ///
    /// Orders' ids tell their part, so this number never changes.
    package static let partitions = 16

    /// The key as it came.
    package let text: String

    /// Takes a key.
    ///
    /// - Throws: ``InvalidInput`` for one that is empty, too long or not plain ASCII.
    package init(_ text: String) throws(InvalidInput) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidInput(
                "Idempotency-Key",
                in: .header,
                "must have 1 to 128 visible ASCII characters, for example a UUID"
            )
        }
        self.text = text
    }

    /// The part of the orders this key's order belongs to.
    package var partition: Int {
        var hash = StableHash()
        hash.add(text)
        return Int((hash.value ^ hash.value >> 32) % UInt64(Self.partitions))
    }

    /// The key with nothing in it that means something in a key of Valkey.
    package var escaped: String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return escaped
    }
}

/// The ids of orders: two digits that tell the partition, then 80 random bits nobody guesses.
package enum OrderID {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Makes an id.
    package static func make(partition: Int, using generator: inout some RandomNumberGenerator) -> String {
        var id: [UInt8] = []
        id.reserveCapacity(18)
        id.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: partition / 10))
        id.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: partition % 10))
        for _ in 0..<2 {
            var bits = generator.next()
            for _ in 0..<8 {
                id.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        return String(decoding: id, as: UTF8.self)
    }

    /// The partition of an id; nil for a text that is no order's id.
    package static func partition(_ id: String) -> Int? {
        let bytes = id.utf8
        guard bytes.count == 18, bytes.dropFirst(2).allSatisfy({ alphabet.contains($0) }) else { return nil }
        let digits = bytes.prefix(2).map { Int($0) - Int(UInt8(ascii: "0")) }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let partition = digits[0] * 10 + digits[1]
        return partition < IdempotencyKey.partitions ? partition : nil
    }
}
