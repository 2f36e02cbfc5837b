/// A YAML document as a tree that remembers where everything stands.
///
/// Aliases are unfolded and merge keys merged; an unfolded node's position is that of its anchor's text.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// Text as written, escapes resolved. Nothing is guessed from it: `yes` is three letters.
        case scalar(String, isQuoted: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
        /// What could not be read and was reported already; nobody needs to hear of it twice.
        case broken
    }

    var content: Content
    var position: SourcePosition

    /// What a reader would call this node.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .broken: "unreadable"
        }
    }

    /// Whether nothing, or YAML's word for nothing, stands here.
    var isNull: Bool {
        guard case .scalar(let text, false) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

/// A key with its value.
struct YAMLEntry: Sendable {
    var key: String
    var keyPosition: SourcePosition
    var value: YAMLNode
}
