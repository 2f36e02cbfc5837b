package import JSON

/// Reads the members of a JSON object and collects everything that is wrong with them.
package final class ObjectReader {
    private final class Collected {
        var mistakes: [FieldMistake] = []
    }

    private let object: JSONObject
    private let pointer: String
    private let prefix: String
    private let collected: Collected

    /// Reads a body; members that are not known are mistakes.
    ///
    /// - Throws: ``InvalidInput`` when it is no object.
    package convenience init(_ body: JSONValue, known: [String]) throws(InvalidInput) {
        guard let object = body.objectValue else {
            throw InvalidInput("", in: .body(pointer: ""), "must be a JSON object")
        }
        self.init(object, known: known, pointer: "", prefix: "", collected: Collected())
    }

    private init(_ object: JSONObject, known: [String], pointer: String, prefix: String, collected: Collected) {
        self.object = object
        self.pointer = pointer
        self.prefix = prefix
        self.collected = collected
        for name in object.names where !known.contains(name) {
            mistake(name, "is not known; known are \(known.joined(separator: ", "))")
        }
    }

    /// Notes a mistake of a member.
    package func mistake(_ name: String, _ detail: String) {
        let escaped = name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
        collected.mistakes.append(
            FieldMistake(field: prefix + name, place: .body(pointer: "\(pointer)/\(escaped)"), detail: detail)
        )
    }

    /// Ends the reading.
    ///
    /// - Throws: ``InvalidInput`` when there was any mistake.
    package func finish() throws(InvalidInput) {
        if !collected.mistakes.isEmpty { throw InvalidInput(collected.mistakes) }
    }

    /// A text without control characters, spaces around it taken away.
    ///
    /// Nil when it is missing, which is a mistake only where it is required, or wrong.
    package func text(_ name: String, _ length: ClosedRange<Int>, isRequired: Bool = true) -> String? {
        guard let value = present(name, isRequired) else { return nil }
        guard let raw = value.stringValue else {
            mistake(name, "must be a text")
            return nil
        }
        if Self.isPlain(raw) {
            guard length.contains(raw.utf8.count) else {
                mistake(name, "must have \(length.lowerBound) to \(length.upperBound) characters")
                return nil
            }
            return raw
        }
        let text = Self.trimmed(raw)
        let count = text.unicodeScalars.count
        guard length.contains(count) else {
            if count == 0, !isRequired { return nil }
            mistake(name, "must have \(length.lowerBound) to \(length.upperBound) characters")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { Self.isForbidden($0) }) else {
            mistake(name, "holds a control character")
            return nil
        }
        return text
    }

    /// A whole number within bounds.
    package func int(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = present(name, true) else { return nil }
        guard case .int(let number) = value, range.contains(number) else {
            mistake(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// An object in this one.
    package func object(_ name: String, known: [String]) -> ObjectReader? {
        guard let value = present(name, true) else { return nil }
        guard let object = value.objectValue else {
            mistake(name, "must be a JSON object")
            return nil
        }
        return ObjectReader(
            object,
            known: known,
            pointer: "\(pointer)/\(name)",
            prefix: "\(prefix)\(name).",
            collected: collected
        )
    }

    private func present(_ name: String, _ isRequired: Bool) -> JSONValue? {
        guard let value = object[name], !value.isNull else {
            if isRequired { mistake(name, "is missing") }
            return nil
        }
        return value
    }

    /// Whether a text is visible ASCII, with spaces only within: then nothing has to be looked up to check it.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, first != 0x20, last != 0x20 else { return false }
        return bytes.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace = { (character: Character) in character.isWhitespace }
        guard let last = text.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(text[...last].drop(while: isSpace))
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate: true
        default: false
        }
    }
}
