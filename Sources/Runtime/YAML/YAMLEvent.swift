/// A place in a text: line and column from 1, the column in Unicode scalars.
package struct YAMLMark: Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line), column \(column)" }
}

/// What a YAML text consists of, in the order it is written.
package struct YAMLEvent: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case documentStart
        case documentEnd
        /// There is nothing more.
        case streamEnd
        /// `*name`.
        case alias(String)
        case scalar(YAMLScalar, YAMLProperties)
        case sequenceStart(YAMLProperties)
        case sequenceEnd
        /// Keys and values follow in turn.
        case mappingStart(YAMLProperties)
        case mappingEnd
    }

    package var content: Content
    /// Where it starts; at its anchor or tag where it has one.
    package var mark: YAMLMark
}

/// A text, escapes resolved and lines folded.
package struct YAMLScalar: Hashable, Sendable {
    package var text: String
    /// Whether it stands without quotes and in no block, so that `yes` may be more than three letters.
    package var isPlain: Bool

    package init(_ text: String, isPlain: Bool) {
        self.text = text
        self.isPlain = isPlain
    }
}

/// What may stand before a node.
package struct YAMLProperties: Hashable, Sendable {
    /// The name after `&`.
    package var anchor: String?
    /// The tag with its handle resolved: `tag:yaml.org,2002:str` for `!!str`.
    package var tag: String?

    package init(anchor: String? = nil, tag: String? = nil) {
        self.anchor = anchor
        self.tag = tag
    }
}

/// Why a text is no YAML.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    /// What the parser was about, and where that began.
    package struct Context: Hashable, Sendable {
        package var text: String
        package var mark: YAMLMark
    }

    package enum Kind: Hashable, Sendable {
        /// Bytes that are no text, or characters that YAML does not allow.
        case characters
        case syntax
        /// Mappings and lists stand deeper within each other than ``YAMLParser/greatestDepth``.
        case depth
        /// There is no more memory.
        case memory
    }

    package var kind: Kind
    package var problem: String
    package var mark: YAMLMark
    package var context: Context?

    package init(_ kind: Kind, _ problem: String, at mark: YAMLMark, context: Context? = nil) {
        self.kind = kind
        self.problem = problem
        self.mark = mark
        self.context = context
    }

    package var description: String {
        let context = context.map { " (\($0.text), \($0.mark))" } ?? ""
        return "\(mark): \(problem)\(context)"
    }
}
