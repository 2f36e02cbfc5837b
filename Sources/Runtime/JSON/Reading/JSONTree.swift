import CJansson

typealias Node = UnsafeMutablePointer<json_t>

/// A text parsed by jansson, kept for as long as anything looks at a part of it.
final class JSONTree {
    let root: Node

    private init(root: Node) {
        self.root = root
    }

    deinit {
        json_decref(root)
    }

    /// Parses one JSON text: strict UTF-8, any value at the top, every name once in its object.
    ///
    /// A repeated name is refused because two readers that each take another of its values is how checks are evaded.
    static func parse(_ text: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONParseError) -> JSONTree {
        guard text.count <= limits.maxBytes else {
            throw JSONParseError(
                reason: .tooLarge(limit: limits.maxBytes),
                line: 1,
                column: 0,
                byte: 0,
                message: "the text has \(text.count) bytes, more than the \(limits.maxBytes) allowed"
            )
        }
        try checkDepth(text, limit: limits.maxDepth)
        var failure = json_error_t()
        let flags = Int(JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL)
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard let start, let root = json_loadb(start, text.count, flags, &failure) else {
            throw JSONParseError(failure, text: text)
        }
        return JSONTree(root: root)
    }

    static func parse(_ text: [UInt8], limits: JSONLimits) throws(JSONParseError) -> JSONTree {
        try text.withUnsafeBufferPointer { bytes throws(JSONParseError) in
            try parse(UnsafeRawBufferPointer(bytes), limits: limits)
        }
    }

    /// Refuses what is nested too deeply before the recursive parser sees it.
    private static func checkDepth(_ text: UnsafeRawBufferPointer, limit: Int) throws(JSONParseError) {
        var depth = 0
        var inString = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            if inString {
                if byte == UInt8(ascii: "\\") {
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                inString = true
            } else if byte | 0x20 == UInt8(ascii: "{") {
                // "[" is "{" without the bit 0x20.
                depth += 1
                if depth > limit { throw .tooDeep(limit: limit, at: index, in: text) }
            } else if byte | 0x20 == UInt8(ascii: "}") {
                depth -= 1
            }
            index += 1
        }
    }
}

extension JSONParseError {
    fileprivate static func tooDeep(limit: Int, at byte: Int, in text: UnsafeRawBufferPointer) -> JSONParseError {
        var line = 1
        var column = 1
        for passed in text[..<byte] {
            if passed == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if passed & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONParseError(
            reason: .tooDeep(limit: limit),
            line: line,
            column: column,
            byte: byte,
            message: "lists and objects are nested more than \(limit) deep"
        )
    }

    fileprivate init(_ failure: json_error_t, text: UnsafeRawBufferPointer) {
        // jansson keeps the code in the last byte of the message's field.
        let (message, code) = withUnsafeBytes(of: failure.text) { field in
            let end = field.firstIndex(of: 0) ?? field.endIndex
            return (String(decoding: field[..<end], as: UTF8.self), UInt32(field[field.count - 1]))
        }
        self.line = max(1, Int(failure.line))
        self.column = max(0, Int(failure.column))
        self.byte = max(0, Int(failure.position))
        self.message = message
        switch json_error_code(rawValue: code) {
        case json_error_duplicate_key:
            reason = .duplicateName
            self.message = "the object has a name twice: \(message)"
        case json_error_invalid_utf8:
            reason = .invalidUTF8
            self.message = "the text is not UTF-8: \(message)"
        case json_error_numeric_overflow:
            reason = .numberOutOfRange
            self.message = "the number does not fit 64 bits: \(message); send it as a string"
        default:
            let blank = text.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            reason = blank ? .empty : .syntax
            self.message = blank ? "there is no JSON: the text is empty" : "not valid JSON: \(message)"
        }
    }
}
