import Yams

/// Turns the parser's nodes into a `YAMLNode` tree: merges merge keys, reports duplicate keys and what has no use.
struct TreeBuilder {
    private let source: SourceText
    private let masked: MaskedText
    private var anchors: [String: YAMLNode] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(source: SourceText, masked: MaskedText) {
        self.source = source
        self.masked = masked
    }

    mutating func build(_ root: Node) -> YAMLNode {
        build(root, path: [])
    }

    private mutating func build(_ node: Node, path: [String]) -> YAMLNode {
        let built = unanchored(node, path: path)
        if let name = node.anchor?.rawValue { anchors[name] = built }
        return built
    }

    private mutating func unanchored(_ node: Node, path: [String]) -> YAMLNode {
        var position = place(node.mark)
        guard path.count <= YAMLReader.greatestDepth else {
            report(
                .tooDeep,
                position,
                "mappings and lists stand more than \(YAMLReader.greatestDepth) deep within each other",
                fix: "a manifest needs no more than five levels"
            )
            return YAMLNode(content: .broken, position: position)
        }
        switch node {
        case .scalar(let scalar):
            checkTag(scalar.tag, at: position)
            let isQuoted = scalar.isQuoted
            if !isQuoted, let name = masked.aliasName(scalar.string) { return unfold(name, at: position) }
            let text = masked.text(scalar.string)
            position = afterProperties(position)
            position.length = length(of: text, isQuoted: isQuoted, at: position)
            return YAMLNode(content: .scalar(text, isQuoted: isQuoted), position: position)
        case .sequence(let sequence):
            checkTag(sequence.tag, at: position)
            let items = sequence.enumerated().map { build($1, path: path + [String($0)]) }
            return YAMLNode(content: .sequence(items), position: position)
        case .mapping(let mapping):
            checkTag(mapping.tag, at: position)
            return YAMLNode(content: .mapping(entries(of: mapping, path: path)), position: position)
        case .alias:
            // The parser never yields one: it is shown no alias.
            return YAMLNode(content: .broken, position: position)
        }
    }

    /// What the anchor of that name stands on.
    ///
    /// The result shares its storage, however often it is used.
    private mutating func unfold(_ name: String, at position: SourcePosition) -> YAMLNode {
        if let node = anchors[name] { return node }
        let nearest = NearestName.nearest(to: name, among: anchors.keys.sorted())
        report(
            .yamlSyntax,
            SourcePosition(line: position.line, column: position.column, length: name.unicodeScalars.count + 1),
            "the alias '*\(name)' names an anchor that does not stand above it",
            fix: nearest.map { "did you mean '*\($0)'?" }
                ?? "define it first, as in 'x-common: &\(name) …', or quote a text that starts with '*'"
        )
        return YAMLNode(content: .broken, position: position)
    }

    private mutating func entries(of mapping: Node.Mapping, path: [String]) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var merged: [YAMLEntry] = []
        var seen: [String: SourcePosition] = [:]
        for (keyNode, valueNode) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                reportKey(at: place(keyNode.mark))
                continue
            }
            guard let name = keyName(scalar, at: place(keyNode.mark)) else { continue }
            var position = place(keyNode.mark)
            let isQuoted = scalar.isQuoted
            position.length = length(of: name, isQuoted: isQuoted, at: position)
            if let anchor = keyNode.anchor?.rawValue {
                anchors[anchor] = YAMLNode(content: .scalar(name, isQuoted: isQuoted), position: position)
            }
            let value = build(valueNode, path: path + [name])
            if name == "<<", !isQuoted {
                merged += mergedEntries(value)
            } else if let first = seen[name] {
                reportDuplicate(name, at: position, first: first, path: path)
            } else {
                seen[name] = position
                entries.append(YAMLEntry(key: name, keyPosition: position, value: value))
            }
        }
        for entry in merged where seen[entry.key] == nil {
            seen[entry.key] = entry.keyPosition
            entries.append(entry)
        }
        return entries
    }

    /// The key's text, an alias to a scalar unfolded; nothing for an alias to anything else.
    private mutating func keyName(_ scalar: Node.Scalar, at position: SourcePosition) -> String? {
        guard !scalar.isQuoted, let name = masked.aliasName(scalar.string) else {
            return masked.key(scalar.string, at: position)
        }
        switch unfold(name, at: position).content {
        case .scalar(let text, _): return text
        case .broken: return nil
        case .sequence, .mapping:
            reportKey(at: position)
            return nil
        }
    }

    private mutating func reportKey(at position: SourcePosition) {
        report(
            .wrongType,
            position,
            "a key must be a name, not a list or a mapping",
            fix: "write the key as plain text"
        )
    }

    /// What `<<:` brings in: a mapping's entries, or those of several where the first one wins.
    private mutating func mergedEntries(_ value: YAMLNode) -> [YAMLEntry] {
        switch value.content {
        case .mapping(let entries):
            return entries
        case .sequence(let items):
            return items.flatMap { mergedEntries($0) }
        case .broken:
            return []
        case .scalar:
            report(
                .wrongType,
                value.position,
                "'<<' merges a mapping, and this is \(value.kind)",
                fix: "write '<<: *anchor' with the anchor on a mapping"
            )
            return []
        }
    }

    private mutating func reportDuplicate(
        _ key: String,
        at position: SourcePosition,
        first: SourcePosition,
        path: [String]
    ) {
        let related = [Diagnostic.Related(position: first, message: "it stands here first")]
        if path == ["functions"] {
            diagnostics.append(
                Diagnostic(
                    .duplicateFunction,
                    at: position,
                    "the function '\(key)' is declared a second time",
                    fix: "give it another name, or remove one of the two",
                    related: related
                )
            )
        } else {
            diagnostics.append(
                Diagnostic(
                    .duplicateKey,
                    at: position,
                    "the key '\(key)' is given a second time",
                    fix: "keep one of the two",
                    related: related
                )
            )
        }
    }

    /// Refuses tags such as `!Ref`: they would be read as if they were not there.
    private mutating func checkTag(_ tag: Tag, at position: SourcePosition) {
        let name = tag.rawValue
        guard !name.isEmpty, name != "!", !name.hasPrefix("tag:yaml.org,2002:") else { return }
        report(
            .unsupportedYAML,
            position,
            "the tag '\(name)' has no meaning in a manifest",
            fix: "remove the tag"
        )
    }

    private mutating func report(
        _ code: DiagnosticCode,
        _ position: SourcePosition,
        _ message: String,
        fix: String
    ) {
        diagnostics.append(Diagnostic(code, at: position, message, fix: fix))
    }

    private func place(_ mark: Mark?) -> SourcePosition {
        guard let mark else { return SourcePosition(line: 1, column: 1) }
        return SourcePosition(line: mark.line, column: mark.column)
    }

    /// Where a scalar's text starts: the parser names the anchor or tag before it.
    private func afterProperties(_ position: SourcePosition) -> SourcePosition {
        guard let line = source.line(position.line) else { return position }
        var rest = line.unicodeScalars.dropFirst(position.column - 1)
        let start = rest.count
        while rest.first == "&" || rest.first == "!" {
            rest = rest.drop { $0 != " " }.drop { $0 == " " }
        }
        guard !rest.isEmpty else { return position }
        return SourcePosition(line: position.line, column: position.column + start - rest.count)
    }

    /// How much of the line a scalar covers, for the wavy line below it.
    private func length(of text: String, isQuoted: Bool, at position: SourcePosition) -> Int {
        guard let line = source.line(position.line) else { return 1 }
        let rest = Array(line.unicodeScalars.dropFirst(position.column - 1))
        let written = Array(text.unicodeScalars)
        if !isQuoted { return rest.starts(with: written) ? written.count : 1 }
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return 1 }
        let end = rest.dropFirst().firstIndex(of: quote)
        return end.map { $0 + 1 } ?? 1
    }
}

extension Node.Scalar {
    /// Whether the text stands in quotes or in a block, and so is text whatever it looks like.
    fileprivate var isQuoted: Bool { style != .plain && style != .any }
}
