/// Adds a handler to the `Functions { … }` list of a module's source.
package enum FunctionsListEditor {
    /// Whether a source has such a list.
    package static func hasList(_ text: String) -> Bool {
        SwiftText(text).end(of: "Functions {") != nil
    }

    /// The source with a handler added at the end of the list, one handler a line.
    ///
    /// - Throws: `ScaffoldError` when there is no list, or the handler is in it already.
    package static func adding(_ handler: String, to text: String, file: String) throws(ScaffoldError) -> String {
        let source = SwiftText(text)
        guard let start = source.end(of: "Functions {"), let end = source.closing("{", "}", from: start) else {
            throw ScaffoldError(
                "\(file) has no list 'Functions { … }'",
                fix: "add 'static let functions = Functions { \(handler).self }' to the module's type"
            )
        }
        let entries = source.code(start..<end).split { $0 == ";" || $0.isNewline || $0 == " " }.map(String.init)
        guard !entries.contains("\(handler).self") else {
            throw ScaffoldError("\(file) lists the handler \(handler) already", fix: "choose another name")
        }
        let inner = source.text(start..<end)
        let head = source.text(0..<start)
        let indentation = String(head.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).last ?? "")
            .prefix { $0 == " " }
        let step = String(indentation) + "    "
        if inner.contains(where: \.isNewline) {
            let kept = String(inner.reversed().drop { $0.isWhitespace }.reversed())
            return head + kept + "\n\(step)\(handler).self\n\(indentation)" + source.text(end..<source.characters.count)
        }
        let lines = (entries + ["\(handler).self"]).map { "\(step)\($0)\n" }.joined()
        return head + "\n" + lines + indentation + source.text(end..<source.characters.count)
    }
}
