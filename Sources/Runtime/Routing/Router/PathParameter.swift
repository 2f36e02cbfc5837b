/// Makes values of the escaped parameters of a path.
package enum PathParameter {
    /// Appends the value of a parameter to the output: its escapes resolved, and nothing else changed.
    ///
    /// A plus sign stays one. In a parameter that takes all the rest, an encoded slash becomes a slash like the others.
    /// - Throws: why the value is not text, to be answered with 400; the output is as before then.
    package static func decode(
        _ escaped: UnsafeRawBufferPointer,
        into output: inout [UInt8]
    ) throws(PathParameterError) {
        guard escaped.contains(where: { $0 == UInt8(ascii: "%") || $0 >= 0x80 || $0 == 0 }) else {
            output.append(contentsOf: escaped)
            return
        }
        let start = output.count
        do throws(PathParameterError) {
            try appendUnescaped(escaped, to: &output)
            guard isText(output[start...]) else { throw .invalidUTF8 }
        } catch {
            output.removeSubrange(start...)
            throw error
        }
    }

    private static func appendUnescaped(
        _ escaped: UnsafeRawBufferPointer,
        to output: inout [UInt8]
    ) throws(PathParameterError) {
        var offset = 0
        while offset < escaped.count {
            var byte = escaped[offset]
            offset += 1
            if byte == UInt8(ascii: "%") {
                guard offset + 1 < escaped.count, let high = HexDigit.value(escaped[offset]),
                    let low = HexDigit.value(escaped[offset + 1])
                else { throw .invalidPercentEncoding }
                byte = high << 4 | low
                offset += 2
            }
            guard byte != 0 else { throw .nul }
            output.append(byte)
        }
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { (try? UTF8Span(validating: $0.span)) != nil }
    }
}

/// Why a parameter's value is not text.
package enum PathParameterError: String, Error, Sendable, Hashable, CustomStringConvertible {
    /// A percent sign is not followed by two hexadecimal digits.
    case invalidPercentEncoding = "invalid-percent-encoding"
    /// The value holds a NUL.
    case nul
    /// The value is not UTF-8.
    case invalidUTF8 = "invalid-utf-8"

    /// What is wrong and what to send instead.
    package var description: String {
        switch self {
        case .invalidPercentEncoding: "Each percent sign in the path must be followed by two hexadecimal digits."
        case .nul: "The path must not hold a NUL."
        case .invalidUTF8: "The path's escapes must make valid UTF-8."
        }
    }
}
