/// Why a text is not the JSON that was asked for.
public struct JSONParseError: Error, Hashable, Sendable {
    /// The kind of mistake.
    public enum Reason: Hashable, Sendable {
        /// Nothing but white space.
        case empty
        /// More bytes than allowed.
        case tooLarge(limit: Int)
        /// Lists and objects nested deeper than allowed.
        case tooDeep(limit: Int)
        /// A name twice in one object.
        case duplicateName
        /// Not UTF-8.
        case invalidUTF8
        /// A number that 64 bits cannot hold.
        case numberOutOfRange
        /// Anything else that RFC 8259 does not allow.
        case syntax
    }

    /// The kind of mistake.
    public var reason: Reason
    /// The line, from 1.
    public var line: Int
    /// The character in the line after which the mistake was noticed.
    public var column: Int
    /// The byte in the text after which the mistake was noticed, from 0.
    public var byte: Int
    /// What is wrong, in words.
    public var message: String
}

extension JSONParseError: CustomStringConvertible {
    /// The mistake with its place.
    public var description: String { "line \(line), column \(column): \(message)" }
}
