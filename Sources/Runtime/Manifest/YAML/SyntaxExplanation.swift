import Text
import YAML

/// Turns the YAML parser's words into a place, a mistake and a fix.
struct SyntaxExplanation {
    static let anotherDocument = "but found another document"

    let error: YAMLError
    let source: SourceText

    private var problem: String { error.problem }

    var diagnostics: [Diagnostic] {
        switch error.kind {
        case .memory:
            return [Diagnostic(.yamlSyntax, at: shown, problem, fix: "free some memory")]
        case .characters:
            return [Diagnostic(.notText, at: shown, problem, fix: "save the file as UTF-8 text")]
        case .depth:
            return [
                Diagnostic(
                    .tooDeep,
                    at: shown,
                    "mappings and lists stand too deep within each other",
                    fix: "a manifest needs no more than five levels"
                )
            ]
        case .syntax: break
        }
        let tabs = linesIndentedByTabs
        if problem.includes("cannot start any token") || problem.includes("tab"), !tabs.isEmpty {
            return tabs.map { position in
                Diagnostic(
                    .yamlSyntax,
                    at: position,
                    "the line is indented with a tab, which YAML does not allow",
                    fix: "indent with spaces"
                )
            }
        }
        var related: [Diagnostic.Related] = []
        if let context = error.context {
            let place = SourcePosition(line: context.mark.line, column: context.mark.column)
            if place != shown { related.append(.init(position: place, message: context.text)) }
        }
        return [Diagnostic(.yamlSyntax, at: shown, message, fix: fix, related: related)]
    }

    /// Where the text still is: the parser names the end of the file as one line past the last.
    private var shown: SourcePosition {
        let position = SourcePosition(line: error.mark.line, column: error.mark.column)
        guard position.line > source.lineCount else { return position }
        let last = source.line(source.lineCount) ?? ""
        return SourcePosition(line: source.lineCount, column: last.unicodeScalars.count + 1)
    }

    private var isAboutDocuments: Bool { problem == Self.anotherDocument }

    private var message: String {
        if isAboutDocuments { return "a second document starts here; a manifest is one document" }
        return "YAML: \(problem)"
    }

    private var fix: String {
        let fixes: [(String, String)] = [
            ("another document", "remove the '---' line and what does not belong to this manifest"),
            ("did not find expected alphabetic", "quote a text that starts with '*' or '&'"),
            ("mapping values are not allowed", "quote a value that holds ': ', or check the indentation"),
            ("could not find expected ':'", "end the key with ': ', or check the indentation"),
            ("did not find expected key", "line the keys of one mapping up in one column"),
            (
                "did not find expected ',' or '}'",
                "close the mapping with '}' and part its entries with ','; quote '${…}' within braces"
            ),
            ("did not find expected ',' or ']'", "close the list with ']' and part its entries with ','"),
            ("did not find expected '-' indicator", "line the entries of one list up in one column"),
            ("block sequence entries are not allowed", "put the list's '-' on a line of its own"),
            ("unexpected end of stream", "close the quote or bracket that is still open"),
            ("unknown escape character", "use single quotes, or double the backslash"),
            ("cannot start any token", "quote a value that starts with '@', '`' or '%'"),
            ("<document start>", "check the indentation: this line stands outside of every mapping"),
        ]
        return fixes.first { problem.includes($0.0) }?.1 ?? "correct the YAML at this place"
    }

    private var linesIndentedByTabs: [SourcePosition] {
        var found: [SourcePosition] = []
        for number in 1...max(1, source.lineCount) {
            guard let line = source.line(number) else { continue }
            let indentation = line.prefix { $0 == " " || $0 == "\t" }
            guard indentation.count < line.count, !line.dropFirst(indentation.count).hasPrefix("#"),
                let tab = indentation.firstIndex(of: "\t")
            else { continue }
            let column = indentation.distance(from: indentation.startIndex, to: tab) + 1
            found.append(SourcePosition(line: number, column: column))
        }
        return found
    }
}
