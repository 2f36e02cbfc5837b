package import JSON

/// Writes values as YAML that people can read and every reader understands the same way.
///
/// A text is written without quotes only where no version of YAML could take it for anything else; in quotes it is
/// written as JSON, which is YAML too.
package enum YAMLWriter {
    /// A document, without the line that separates documents.
    package static func text(_ value: JSONValue) -> String {
        var lines: [String] = []
        write(value, indent: 0, into: &lines)
        return lines.map { $0 + "\n" }.joined()
    }

    private static func write(_ value: JSONValue, indent: Int, into lines: inout [String]) {
        let space = String(repeating: " ", count: indent)
        switch value {
        case .object(let object) where !object.isEmpty:
            for (name, member) in object {
                write(member, after: "\(space)\(plain(name)):", indent: indent, into: &lines)
            }
        case .array(let elements) where !elements.isEmpty:
            for element in elements {
                if let short = flow(element, room: 110 - indent) {
                    lines.append("\(space)- \(short)")
                } else {
                    var inner: [String] = []
                    write(element, indent: indent + 2, into: &inner)
                    // The first line of what stands in the list begins behind the dash.
                    inner[0] = space + "- " + inner[0].dropFirst(indent + 2)
                    lines += inner
                }
            }
        default: lines.append(space + scalar(value))
        }
    }

    private static func write(_ value: JSONValue, after name: String, indent: Int, into lines: inout [String]) {
        switch value {
        case .string(let text) where isBlock(text):
            lines.append("\(name) |")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                lines.append(line.isEmpty ? "" : String(repeating: " ", count: indent + 2) + line)
            }
        case .array(let elements):
            if let short = flow(value, room: 110 - name.count), isSimple(elements) {
                lines.append("\(name) \(short)")
            } else {
                lines.append(name)
                write(value, indent: indent + 2, into: &lines)
            }
        case .object(let object) where !object.isEmpty:
            lines.append(name)
            write(value, indent: indent + 2, into: &lines)
        default: lines.append("\(name) \(scalar(value))")
        }
    }

    /// A value in one line, if it is short and has nothing in it that would be hard to read there.
    private static func flow(_ value: JSONValue, room: Int) -> String? {
        let text: String
        switch value {
        case .array(let elements):
            guard isSimple(elements) else { return nil }
            text = "[" + elements.map(flowScalar).joined(separator: ", ") + "]"
        case .object(let object):
            guard !object.isEmpty, object.count <= 3, object.allSatisfy({ isSimple([$0.value]) }) else {
                return object.isEmpty ? "{}" : nil
            }
            text = "{ " + object.map { "\(plain($0.name)): \(flowScalar($0.value))" }.joined(separator: ", ") + " }"
        case .string(let text) where isBlock(text): return nil
        default: text = scalar(value)
        }
        return text.count <= max(room, 0) ? text : nil
    }

    private static func isSimple(_ elements: [JSONValue]) -> Bool {
        elements.allSatisfy { element in
            switch element {
            case .object(let object): object.isEmpty
            case .array(let list): list.isEmpty
            case .string(let text): !isBlock(text)
            default: true
            }
        }
    }

    private static func flowScalar(_ value: JSONValue) -> String { scalar(value) }

    private static func scalar(_ value: JSONValue) -> String {
        guard case .string(let text) = value else { return value.description }
        return plain(text)
    }

    private static func plain(_ text: String) -> String {
        isPlain(text) ? text : JSONValue.string(text).description
    }

    /// Whether no reader could take it for anything but this text.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/") else { return false }
        guard text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "/._-".utf8.contains($0) }) else { return false }
        return !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
    }

    /// Whether a text of several lines can stand as it is.
    private static func isBlock(_ text: String) -> Bool {
        text.hasSuffix("\n") && !text.hasPrefix(" ") && !text.hasPrefix("\n") && !text.hasSuffix("\n\n")
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" }
            && text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { !$0.hasSuffix(" ") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
