/// Reads and extends the list of modules in Package.swift.
///
/// The list is `let modules: KeyValuePairs = ["catalog": "Catalog"]`: the executable's name and the target's. All that
/// a module needs (its targets, its product, its tests) Package.swift makes of it.
package struct PackageEditor {
    private static let head = "let modules: KeyValuePairs = ["
    private let file: String
    private let source: SwiftText
    private let range: Range<Int>

    /// - Throws: `ScaffoldError` when the text has no such list.
    package init(_ text: String, file: String) throws(ScaffoldError) {
        self.file = file
        source = SwiftText(text)
        guard let start = source.end(of: Self.head), let end = source.closing("[", "]", from: start) else {
            throw ScaffoldError(
                "\(file) has no list of modules",
                fix: "add '\(Self.head)\"name\": \"Target\"]', as the project's own Package.swift has it"
            )
        }
        range = start..<end
    }

    /// The target of each module.
    package var targets: [String: String] {
        var targets: [String: String] = [:]
        for line in source.text(range).split(whereSeparator: { $0 == "," || $0.isNewline }) {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            if parts.count == 5, parts[2].contains(":") { targets[String(parts[1])] = String(parts[3]) }
        }
        return targets
    }

    /// The text with a module added at the end of the list.
    ///
    /// - Throws: `ScaffoldError` when the module or its target is there already.
    package func adding(_ module: String, target: String) throws(ScaffoldError) -> String {
        guard targets[module] == nil, !targets.values.contains(target) else {
            throw ScaffoldError("\(file) has the module '\(module)' or its target already", fix: "choose another name")
        }
        var kept = String(source.text(range).reversed().drop { $0.isWhitespace }.reversed())
        if !kept.isEmpty, !kept.hasSuffix(",") { kept += "," }
        if !kept.contains(where: \.isNewline) {
            let pairs = kept.split(separator: ",").map { "\n    \($0.drop { $0 == " " })," }
            kept = pairs.joined()
        }
        return source.text(0..<range.lowerBound) + kept + "\n    \"\(module)\": \"\(target)\",\n"
            + source.text(range.upperBound..<source.characters.count)
    }
}
