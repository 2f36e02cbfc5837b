/// What is wrong with a JSON text, fit to be told to whoever sent it.
public struct JSONMistake: Hashable, Sendable, CustomStringConvertible {
    /// Where in the value, in the form of a JSON pointer (RFC 6901), such as `/lines/0/quantity`; empty for the whole.
    public var pointer: String
    /// The same for people, such as `lines[0].quantity`; empty for the whole.
    public var field: String
    /// What is wrong, such as `expected an integer, found a string`.
    public var message: String
    /// Whether the text is no JSON at all, rather than JSON of another shape.
    public var isMalformed: Bool

    /// Puts an error of ``JSONCoder`` or ``JSONValue`` into words; `nil` for any other error.
    public init?(_ error: any Error) {
        switch error {
        case let error as JSONParseError:
            self.init(path: [], message: error.description, isMalformed: true)
        case let error as DecodingError:
            switch error {
            case .keyNotFound(let key, let context):
                self.init(path: context.codingPath + [key], message: "is missing", isMalformed: false)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                self.init(path: context.codingPath, message: context.debugDescription, isMalformed: false)
            @unknown default:
                self.init(path: [], message: "does not have the expected shape", isMalformed: false)
            }
        default: return nil
        }
    }

    private init(path: [any CodingKey], message: String, isMalformed: Bool) {
        var pointer = ""
        var field = ""
        for key in path {
            pointer += "/" + key.stringValue.escapedForPointer
            if let index = key.intValue {
                field += "[\(index)]"
            } else {
                field += (field.isEmpty ? "" : ".") + key.stringValue
            }
        }
        self.pointer = pointer
        self.field = field
        self.message = message
        self.isMalformed = isMalformed
    }

    /// The field with what is wrong in it.
    public var description: String { field.isEmpty ? message : "\(field): \(message)" }
}

extension String {
    /// RFC 6901 gives "~" and "/" another spelling within a step.
    fileprivate var escapedForPointer: String {
        var escaped = ""
        for character in unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
