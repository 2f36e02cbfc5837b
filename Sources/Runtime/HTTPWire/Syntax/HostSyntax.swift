/// The syntax of a host with an optional port (RFC 3986 §3.2.2 and §3.2.3).
enum HostSyntax {
    /// Whether the bytes are a host name or address, not empty, with an optional port up to 65535.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return false }
        var offset = 0
        if bytes[0] == ASCII.bracketOpen {
            offset = 1
            while offset < bytes.count, ByteSet.addressLiteral.contains(bytes[offset]) { offset += 1 }
            guard offset >= 3, offset < bytes.count, bytes[offset] == ASCII.bracketClose else { return false }
            offset += 1
        } else {
            while offset < bytes.count {
                let byte = bytes[offset]
                if ByteSet.registeredName.contains(byte) {
                    offset += 1
                } else if byte == ASCII.percent, offset + 2 < bytes.count,
                    let high = ASCII.hexValue(bytes[offset + 1]), let low = ASCII.hexValue(bytes[offset + 2]),
                    high << 4 | low > ASCII.space
                {
                    offset += 3
                } else {
                    break
                }
            }
            guard offset > 0 else { return false }
        }
        guard offset < bytes.count else { return true }
        guard bytes[offset] == ASCII.colon else { return false }
        var port = 0
        for byte in bytes[(offset + 1)...] {
            guard ASCII.isDigit(byte) else { return false }
            port = port * 10 + Int(byte - ASCII.zero)
            guard port <= 65_535 else { return false }
        }
        return true
    }
}
