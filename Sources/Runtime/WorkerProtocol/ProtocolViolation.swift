/// The other side sent something that this protocol does not allow.
///
/// The connection cannot go on.
package struct ProtocolViolation: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was wrong, for programs.
    package enum Kind: String, Equatable, Sendable {
        /// The frame is larger than the limit, or would be when encoded.
        case frameTooLarge
        /// The length field leaves no room for type and id.
        case frameTooShort
        /// No frame of this direction has this type.
        case unknownType
        /// The payload ends before its fields do.
        case truncated
        /// The payload goes on after its last field.
        case trailingBytes
        /// A field holds a value that has no meaning.
        case badValue
        /// A text field is not UTF-8.
        case badText
        /// A connection-level frame carries an invocation id, or the other way round.
        case badIdentifier
        /// A well-formed frame came when it was not allowed.
        case unexpectedFrame
    }

    package let kind: Kind
    /// The frame's type byte.
    package let frame: UInt8
    /// What was wrong, for people.
    package let explanation: String

    package init(_ kind: Kind, frame: UInt8, _ explanation: String) {
        self.kind = kind
        self.frame = frame
        self.explanation = explanation
    }

    package var description: String {
        "protocol violation in frame 0x\(String(frame, radix: 16)) (\(kind.rawValue)): \(explanation)"
    }
}
