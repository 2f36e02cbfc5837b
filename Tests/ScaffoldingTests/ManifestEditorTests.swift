import Manifest
import Scaffolding
import Testing

@Suite struct ManifestEditorTests {
    static let function = NewFunction(
        name: "hello",
        module: "greetings",
        handler: "Hello",
        trigger: .route("GET /hello")
    )

    private func add(_ text: String, _ function: NewFunction = function) throws(ScaffoldError) -> String {
        try ManifestEditor(SourceText(text, file: "functions.yaml")) { _ in nil }.adding(function)
    }

    @Test func keepsCommentsAndLayoutAndFollowsTheSpacing() throws {
        let text = """
            # The shop.
            version: 1     # the format
            service: shop

            functions:
              # First.
              a:
                module: m
                handler: A
                route: GET /a   # here

              # Second.
              b: { module: m, handler: B, route: GET /b }
              # A word on b.

            # What comes after.
            x-more: 5
            """
        #expect(
            try add(text) == """
                # The shop.
                version: 1     # the format
                service: shop

                functions:
                  # First.
                  a:
                    module: m
                    handler: A
                    route: GET /a   # here

                  # Second.
                  b: { module: m, handler: B, route: GET /b }
                  # A word on b.

                  hello:
                    module: greetings
                    handler: Hello
                    route: GET /hello

                # What comes after.
                x-more: 5

                """
        )
    }

    @Test func followsTheIndentationAndTheLineBreaks() throws {
        let text = "version: 1\r\nservice: s\r\nfunctions:\r\n    a: { module: m, handler: A, route: GET /a }\r\n"
        let added = "    hello:\r\n        module: greetings\r\n        handler: Hello\r\n        route: GET /hello\r\n"
        #expect(try add(text) == text + added)
    }

    @Test func functionsThatAreNotSpacedStaySo() throws {
        let text = "version: 1\nservice: s\nfunctions:\n  a: { module: m, handler: A, route: GET /a }\n"
        let more = "  b: { module: m, handler: B, route: GET /b }\n"
        let added = "  hello:\n    module: greetings\n    handler: Hello\n    route: GET /hello\n"
        #expect(try add(text + more) == text + more + added)
    }

    @Test(arguments: ["functions: {}", "functions: {}  # none yet", "functions:   {}"])
    func anEmptyMappingBecomesABlock(_ line: String) throws {
        let result = try add("version: 1\nservice: s\n\(line)\ndefaults: {}\n")
        let reading = ManifestReading(SourceText(result, file: "f"), environment: { _ in nil })
        #expect(reading.manifest?.functions.map(\.name) == ["hello"])
        #expect(result.hasSuffix("    route: GET /hello\ndefaults: {}\n"))
        #expect(result.contains("# none yet") == line.contains("#"))
    }

    @Test func aTextWithoutALastLineBreakGetsOne() throws {
        let result = try add("version: 1\nservice: s\nfunctions:\n  a: { module: m, handler: A, route: GET /a }")
        #expect(
            result.hasSuffix("GET /a }\n  hello:\n    module: greetings\n    handler: Hello\n    route: GET /hello\n")
        )
    }

    @Test func theLayoutsThatCannotTakeALineAreLeftAlone() {
        for text in [
            "version: 1\nservice: s\nfunctions: { a: { module: m, handler: A, route: GET /a } }\n",
            "{ version: 1, service: s, functions: {} }\n",
            "version: 1\nservice: s\n\"functions\": {}\n",
            "version: 1\nservice: s\nx-f: &f {}\nfunctions: *f\n",
            "version: 1\nservice: s\nfunctions:\n  {}\n",
        ] {
            #expect(throws: ScaffoldError.self, "\(text)") { try add(text) }
        }
    }

    @Test func whatWouldMakeTheManifestWrongIsRefused() {
        let text = "version: 1\nservice: s\nfunctions:\n  hello: { module: m, handler: A, route: GET /a }\n"
        #expect(
            throws: ScaffoldError("functions.yaml has a function 'hello' already on line 4", fix: "choose another name")
        ) {
            try add(text)
        }
        let taken = NewFunction(name: "other", module: "m", handler: "B", trigger: .route("GET /a"))
        #expect(throws: ScaffoldError.self) { try add(text, taken) }
        let badModule = NewFunction(name: "other", module: "../m", handler: "B", trigger: .route("GET /b"))
        #expect(throws: ScaffoldError.self) { try add(text, badModule) }
        let injected = NewFunction(name: "other", module: "m", handler: "B\n    timeout: 1s", trigger: .route("GET /b"))
        #expect(throws: ScaffoldError.self) { try add(text, injected) }
        let late = NewFunction(name: "o", module: "m", handler: "O", trigger: .schedule("every 5s\n    timeout: 1s"))
        #expect(throws: ScaffoldError.self) { try add(text, late) }
        #expect(throws: ScaffoldError.self) { try add("version: 1\n") }
    }
}
