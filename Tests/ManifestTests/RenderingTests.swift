import Manifest
import Testing

@Suite struct RenderingTests {
    private func rendered(_ yaml: String) -> String {
        let reading = read(yaml)
        return DiagnosticRenderer(source: reading.source).render(reading.diagnostics)
    }

    @Test func showsPlaceLineCaretNoteAndFix() {
        #expect(
            rendered(
                """
                version: 1
                service: shop
                functions:
                  a: { module: m, handler: A, route: "GET /x/{id}", timout: 5s }
                  b: { module: m, handler: B, route: "GET /x/{name}" }
                """
            ) == """
                functions.yaml:4:53: error: the function 'a' has no key 'timout' [unknown-key]
                  4 |   a: { module: m, handler: A, route: "GET /x/{id}", timout: 5s }
                    |                                                     ^~~~~~
                  fix: did you mean 'timeout'?

                functions.yaml:5:38: error: the routes of 'b' and 'a' match the same requests [conflicting-routes]
                  5 |   b: { module: m, handler: B, route: "GET /x/{name}" }
                    |                                      ^~~~~~~~~~~~~~~
                functions.yaml:4:38: note: the route of 'a' is here
                  4 |   a: { module: m, handler: A, route: "GET /x/{id}", timout: 5s }
                    |                                      ^~~~~~~~~~~~~
                  fix: change the method or the path of one, or remove one of the two functions

                """
        )
    }

    @Test func theCaretStandsRightBelowTabsAndOtherScripts() {
        let text = rendered("version: 1\nservice: s\nfunctions: {}\nx-ä: {}\t# 漢\n日本: 1\t# x\n")
        #expect(text.contains("functions.yaml:5:1: error"))
        #expect(text.contains("  5 | 日本: 1\t# x\n    | ^~\n"))
        let indented = rendered("version: 1\n\tservice: s\n")
        #expect(indented.contains("  2 | \tservice: s\n    | ^\n"))
    }

    @Test func aTerminalIsSentNoControlCharacters() {
        let text = rendered("version: 1\nservice: \u{1B}[31mred\n")
        #expect(!text.unicodeScalars.contains("\u{1B}"))
        #expect(text.contains("service: \u{FFFD}[31mred"))
    }

    @Test func aVeryLongLineIsCut() {
        let filler = String(repeating: "x", count: 5_000)
        let text = rendered("version: 1\nservice: s\nfunctions: {}\n{a: \(filler), b: [\(filler)}\n")
        #expect(text.split(separator: "\n").allSatisfy { $0.count < 400 })
        #expect(text.contains("^"))
    }

    @Test func anEmptyFileHasNoLineToShow() {
        #expect(rendered("").hasPrefix("functions.yaml:1:1: error: the file is empty [empty-file]\n"))
    }
}
