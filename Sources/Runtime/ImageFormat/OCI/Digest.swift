import Crypto

/// What bytes are known by: their SHA-256 (OCI image specification, "Digests").
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 64 hexadecimal digits.
    package let hexadecimal: String

    /// The digest of some bytes.
    package init(of bytes: [UInt8]) {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        var text = ""
        text.reserveCapacity(64)
        for byte in hash.finalize() {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        hexadecimal = text
    }

    /// Reads `sha256:` with 64 hexadecimal digits in lower case; nothing for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.hasPrefix("sha256:") else { return nil }
        let digits = text.dropFirst("sha256:".count)
        guard digits.utf8.count == 64,
            digits.utf8.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            })
        else { return nil }
        hexadecimal = String(digits)
    }

    package var description: String { "sha256:\(hexadecimal)" }

    /// The first 12 digits, as people compare them.
    package var short: String { String(hexadecimal.prefix(12)) }
}
