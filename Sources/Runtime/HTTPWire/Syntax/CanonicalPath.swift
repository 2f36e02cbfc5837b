/// The canonical form of a path (RFC 3986 §6.2.2), so that one resource has one spelling to route by.
enum CanonicalPath {
    /// Appends the canonical form of a path that begins with a slash.
    ///
    /// Escapes of unreserved characters are resolved, others get upper-case digits, characters that should have been
    /// escaped are, and dot segments are removed, also where their dots were escaped. Empty segments stay: `/a//b` is
    /// another path than `/a/b`.
    /// - Throws: `invalidPercentEncoding`, `encodedNUL`, or `pathAboveRoot` where a dot segment has nothing to remove.
    static func append(_ path: UnsafeRawBufferPointer, to output: inout [UInt8]) throws(RequestViolation) {
        let root = output.count
        var offset = 0
        while offset < path.count {
            // Each round takes a slash and the segment behind it.
            offset += 1
            let segment = output.count
            output.append(ASCII.slash)
            while offset < path.count, path[offset] != ASCII.slash {
                let byte = path[offset]
                if byte == ASCII.percent {
                    guard offset + 2 < path.count,
                        let high = ASCII.hexValue(path[offset + 1]), let low = ASCII.hexValue(path[offset + 2])
                    else { throw RequestViolation(.invalidPercentEncoding) }
                    let value = high << 4 | low
                    guard value != 0 else { throw RequestViolation(.encodedNUL) }
                    appendCharacter(value, to: &output)
                    offset += 3
                } else {
                    if ByteSet.path.contains(byte) { output.append(byte) } else { appendEscape(of: byte, to: &output) }
                    offset += 1
                }
            }
            let length = output.count - segment - 1
            guard length == 1 || length == 2, output[segment + 1] == ASCII.dot, output[output.count - 1] == ASCII.dot
            else { continue }
            output.removeSubrange(segment...)
            if length == 2 {
                guard output.count > root else { throw RequestViolation(.pathAboveRoot) }
                while output.removeLast() != ASCII.slash {}
            }
            // A dot segment at the end names a folder.
            if offset == path.count { output.append(ASCII.slash) }
        }
    }

    private static func appendCharacter(_ byte: UInt8, to output: inout [UInt8]) {
        if ByteSet.unreserved.contains(byte) { output.append(byte) } else { appendEscape(of: byte, to: &output) }
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(ASCII.percent)
        output.append(ASCII.hexDigit(byte >> 4))
        output.append(ASCII.hexDigit(byte & 0xF))
    }
}
