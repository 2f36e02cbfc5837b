import YAML

/// Turns the parser's events into a `YAMLNode` tree: unfolds aliases, merges merge keys, reports duplicate keys and what
/// has no use.
struct TreeBuilder: ~Copyable {
    private let source: SourceText
    private var parser: YAMLParser
    private var anchors: [String: YAMLNode] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    /// - Throws: ``YAMLError`` when there is no memory.
    init(source: SourceText) throws(YAMLError) {
        self.source = source
        parser = try YAMLParser(source.bytes)
    }

    /// The one document's root; nothing for an empty text.
    ///
    /// - Throws: ``YAMLError`` where the text is no YAML, or more than one document.
    mutating func build() throws(YAMLError) -> YAMLNode? {
        guard try parser.next().content == .documentStart else { return nil }
        let root = try build(try parser.next(), path: [])
        _ = try parser.next()
        let next = try parser.next()
        guard next.content == .streamEnd else {
            throw YAMLError(.syntax, SyntaxExplanation.anotherDocument, at: next.mark)
        }
        return root
    }

    private mutating func build(_ event: YAMLEvent, path: [String]) throws(YAMLError) -> YAMLNode {
        let position = place(event.mark)
        guard path.count <= YAMLReader.greatestDepth else {
            report(
                .tooDeep,
                position,
                "mappings and lists stand more than \(YAMLReader.greatestDepth) deep within each other",
                fix: "a manifest needs no more than five levels"
            )
            try skip(event)
            return YAMLNode(content: .broken, position: position)
        }
        switch event.content {
        case .alias(let name): return unfold(name, at: position)
        case .scalar(let scalar, let properties):
            checkTag(properties.tag, at: position)
            var place = afterProperties(position)
            place.length = length(of: scalar, at: place)
            return named(
                YAMLNode(content: .scalar(scalar.text, isQuoted: !scalar.isPlain), position: place),
                properties.anchor
            )
        case .sequenceStart(let properties):
            checkTag(properties.tag, at: position)
            var items: [YAMLNode] = []
            while true {
                let event = try parser.next()
                if event.content == .sequenceEnd { break }
                items.append(try build(event, path: path + [String(items.count)]))
            }
            return named(YAMLNode(content: .sequence(items), position: position), properties.anchor)
        case .mappingStart(let properties):
            checkTag(properties.tag, at: position)
            return named(
                YAMLNode(content: .mapping(try entries(path: path)), position: position),
                properties.anchor
            )
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            // The parser starts no node with these.
            return YAMLNode(content: .broken, position: position)
        }
    }

    /// Reads past a node of which the start was read.
    private mutating func skip(_ start: YAMLEvent) throws(YAMLError) {
        var event = start
        var depth = 0
        while true {
            switch event.content {
            case .sequenceStart, .mappingStart: depth += 1
            case .sequenceEnd, .mappingEnd: depth -= 1
            default: break
            }
            guard depth > 0 else { return }
            event = try parser.next()
        }
    }

    /// Keeps a node for the aliases of its anchor.
    private mutating func named(_ node: YAMLNode, _ anchor: String?) -> YAMLNode {
        if let anchor { anchors[anchor] = node }
        return node
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

    private mutating func entries(path: [String]) throws(YAMLError) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var merged: [YAMLEntry] = []
        var seen: [String: SourcePosition] = [:]
        while true {
            let event = try parser.next()
            if event.content == .mappingEnd { break }
            let key = try key(event)
            guard let key else {
                try skip(try parser.next())
                continue
            }
            let value = try build(try parser.next(), path: path + [key.name])
            if key.name == "<<", key.isPlain {
                merged += mergedEntries(value)
            } else if let first = seen[key.name] {
                reportDuplicate(key.name, at: key.position, first: first, path: path)
            } else {
                seen[key.name] = key.position
                entries.append(YAMLEntry(key: key.name, keyPosition: key.position, value: value))
            }
        }
        for entry in merged where seen[entry.key] == nil {
            seen[entry.key] = entry.keyPosition
            entries.append(entry)
        }
        return entries
    }

    private struct Key {
        var name: String
        var position: SourcePosition
        var isPlain: Bool
    }

    /// A key, an alias to a text unfolded; nothing for what cannot be one, which is reported.
    private mutating func key(_ event: YAMLEvent) throws(YAMLError) -> Key? {
        var position = place(event.mark)
        switch event.content {
        case .scalar(let scalar, let properties):
            position.length = length(of: scalar, at: position)
            let node = YAMLNode(content: .scalar(scalar.text, isQuoted: !scalar.isPlain), position: position)
            _ = named(node, properties.anchor)
            return Key(name: scalar.text, position: position, isPlain: scalar.isPlain)
        case .alias(let name):
            switch unfold(name, at: position).content {
            case .scalar(let text, _): return Key(name: text, position: position, isPlain: false)
            case .broken: return nil
            case .sequence, .mapping: break
            }
        default: try skip(event)
        }
        reportKey(at: position)
        return nil
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
    private mutating func checkTag(_ tag: String?, at position: SourcePosition) {
        guard let name = tag, !name.isEmpty, name != "!", !name.hasPrefix("tag:yaml.org,2002:") else { return }
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

    private func place(_ mark: YAMLMark) -> SourcePosition {
        SourcePosition(line: mark.line, column: mark.column)
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
    private func length(of scalar: YAMLScalar, at position: SourcePosition) -> Int {
        guard let line = source.line(position.line) else { return 1 }
        let rest = Array(line.unicodeScalars.dropFirst(position.column - 1))
        let written = Array(scalar.text.unicodeScalars)
        if scalar.isPlain { return rest.starts(with: written) ? written.count : 1 }
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return 1 }
        let end = rest.dropFirst().firstIndex(of: quote)
        return end.map { $0 + 1 } ?? 1
    }
}
