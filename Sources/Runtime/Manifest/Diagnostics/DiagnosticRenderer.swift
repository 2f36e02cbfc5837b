/// Shows diagnostics the way compilers do: place, message, the line with a caret, the fix.
package struct DiagnosticRenderer: Sendable {
    package let source: SourceText

    package init(source: SourceText) {
        self.source = source
    }

    /// All diagnostics, one after the other, with an empty line between them.
    package func render(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(render).joined(separator: "\n")
    }

    /// One diagnostic, ending in a line break.
    package func render(_ diagnostic: Diagnostic) -> String {
        var text = "\(place(diagnostic.position)): error: \(diagnostic.message) [\(diagnostic.code.rawValue)]\n"
        text += excerpt(diagnostic.position)
        for related in diagnostic.related {
            text += "\(place(related.position)): note: \(related.message)\n"
            text += excerpt(related.position)
        }
        text += "  fix: \(diagnostic.fix)\n"
        return text
    }

    private func place(_ position: SourcePosition) -> String {
        "\(source.file):\(position.line):\(position.column)"
    }

    /// The line with a caret and a wavy line below it; nothing when the line is not there.
    private func excerpt(_ position: SourcePosition) -> String {
        guard let line = source.line(position.line) else { return "" }
        let (shown, column) = window(of: Array(line.unicodeScalars), around: position.column - 1)
        let number = String(position.line)
        let gutter = String(repeating: " ", count: number.count)
        // Tabs stay tabs below the line, so that the caret stands right whatever a terminal's tab width.
        let lead = shown.prefix(column).map { $0 == "\t" ? "\t" : " " }.joined()
        let length = max(1, min(position.length, shown.count - column))
        let mark = "^" + String(repeating: "~", count: length - 1)
        return "  \(number) | \(Self.printable(shown))\n  \(gutter) | \(lead)\(mark)\n"
    }

    /// At most 160 scalars of a line around a column: a line of a megabyte must not fill the screen.
    private func window(of line: [Unicode.Scalar], around column: Int) -> ([Unicode.Scalar], Int) {
        let column = min(max(0, column), line.count)
        guard line.count > 160 else { return (line, column) }
        let start = max(0, min(column - 60, line.count - 160))
        return (Array(line[start..<min(line.count, start + 160)]), column - start)
    }

    /// The text with control characters replaced, so that a file cannot send commands to a terminal.
    private static func printable(_ scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in scalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            text.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }
}
