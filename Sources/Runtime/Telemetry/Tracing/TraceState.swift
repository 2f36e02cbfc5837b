/// The rules of the `tracestate` header (W3C Trace Context, 3.3.1).
enum TraceState {
    /// Whether the text is a list of at most 32 members `key=value` with different keys.
    static func isValid(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        var keys = Set<[UInt8]>()
        var count = 0
        for member in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let trimmed = trim(Array(member))
            if trimmed.isEmpty { continue }
            count += 1
            guard count <= 32, let equals = trimmed.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = Array(trimmed[..<equals])
            guard isKey(key), isValue(trimmed[(equals + 1)...]), keys.insert(key).inserted else { return false }
        }
        return true
    }

    private static func trim(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        return Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func isKey(_ key: [UInt8]) -> Bool {
        guard let first = key.first, key.count <= 256 else { return false }
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard isLetter(first) || isDigit(first) else { return false }
        return key.allSatisfy { isLetter($0) || isDigit($0) || Array("_-*/@".utf8).contains($0) }
    }

    private static func isValue(_ value: ArraySlice<UInt8>) -> Bool {
        guard !value.isEmpty, value.count <= 256 else { return false }
        return value.allSatisfy { $0 >= 0x20 && $0 <= 0x7E && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") }
    }
}
