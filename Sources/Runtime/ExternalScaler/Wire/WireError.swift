/// Why bytes are no protobuf message.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The message ends within a field.
    case truncated
    /// A variable-length integer is longer than ten bytes.
    case longInteger
    /// A field's number is 0 or above 2^29 - 1, or its wire type is none.
    case badTag(UInt64)
    /// A group ends that did not begin, or one within another of another number.
    case unmatchedGroup
    /// Groups stand within each other more than a hundred deep.
    case tooDeep
    /// A string is no UTF-8.
    case notText(field: Int)

    package var description: String {
        switch self {
        case .truncated: "the message ends within a field"
        case .longInteger: "an integer is longer than ten bytes"
        case .badTag(let tag): "\(tag) is no field's tag"
        case .unmatchedGroup: "a group ends that did not begin"
        case .tooDeep: "groups stand too deep within each other"
        case .notText(let field): "field \(field) is no UTF-8"
        }
    }
}
