/// Mappings: which keys stand in them, which are missing, which mean nothing.
extension ManifestChecker {
    /// A mapping's entries; anything else is reported.
    mutating func mapping(_ node: YAMLNode, what: String, at position: SourcePosition) -> [YAMLEntry]? {
        switch node.content {
        case .mapping(let entries): return entries
        case .broken: return nil
        default:
            let fix = node.isNull ? "write its entries below it, indented, or {}" : "write 'key: value' lines below it"
            report(
                .wrongType,
                node.isNull ? position : node.position,
                "\(what) must be a mapping, and this is \(node.kind)",
                fix: fix
            )
            return nil
        }
    }

    /// A mapping's entries by key, with unknown keys reported and left out.
    mutating func fields(
        of node: YAMLNode,
        known: [String],
        what: String,
        at position: SourcePosition? = nil,
        allowsExtensions: Bool = false
    ) -> [String: YAMLEntry]? {
        guard let entries = mapping(node, what: what, at: position ?? node.position) else { return nil }
        var fields: [String: YAMLEntry] = [:]
        for entry in entries {
            if known.contains(entry.key) {
                fields[entry.key] = entry
            } else if !allowsExtensions || !entry.key.hasPrefix(ManifestKeys.extensionPrefix) {
                reportUnknown(entry, known: known, what: what)
            }
        }
        return fields
    }

    mutating func reportUnknown(_ entry: YAMLEntry, known: [String], what: String) {
        let synonym = ManifestKeys.synonyms[entry.key].flatMap { known.contains($0) ? $0 : nil }
        let nearest = NearestName.nearest(to: entry.key, among: known) ?? synonym
        report(
            .unknownKey,
            entry.keyPosition,
            "\(what) has no key '\(entry.key)'",
            fix: nearest.map { "did you mean '\($0)'?" }
                ?? "remove it; the keys here are \(known.joined(separator: ", "))"
        )
    }

    /// The entry of a key that must be there.
    mutating func required(
        _ key: String,
        _ fields: [String: YAMLEntry],
        at position: SourcePosition,
        in what: String
    ) -> YAMLEntry? {
        if let entry = fields[key] { return entry }
        let examples = [
            "service": "service: shop", "functions": "functions:", "module": "module: catalog",
            "handler": "handler: ListProducts",
        ]
        report(
            .missingKey,
            position,
            "\(what) has no '\(key)'",
            fix: "add '\(examples[key] ?? key + ": …")'"
        )
        return nil
    }
}
