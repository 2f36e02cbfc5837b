import Scaffolding
import Testing

@Suite struct SourceEditorTests {
    @Test func aHandlerIsAddedAtTheEndOfTheList() throws {
        let text = """
            // Functions { Not.self } is in a comment.
            @main struct M: FunctionModule {
                static let name = "Functions { }"
                static let functions = Functions {
                    A.self  // } not the end
                    B.self
                }
            }
            """
        #expect(
            try FunctionsListEditor.adding("C", to: text, file: "M.swift") == """
                // Functions { Not.self } is in a comment.
                @main struct M: FunctionModule {
                    static let name = "Functions { }"
                    static let functions = Functions {
                        A.self  // } not the end
                        B.self
                        C.self
                    }
                }
                """
        )
    }

    @Test(arguments: [
        ("Functions { A.self; B.self }", "Functions {\n    A.self\n    B.self\n    C.self\n}"),
        ("Functions { A.self }", "Functions {\n    A.self\n    C.self\n}"),
        ("Functions { }", "Functions {\n    C.self\n}"),
        ("Functions {}", "Functions {\n    C.self\n}"),
        ("Functions {\n}", "Functions {\n    C.self\n}"),
        ("Functions { /* { */ A.self }", "Functions {\n    A.self\n    C.self\n}"),
    ])
    func aListInOneLineIsSpread(_ before: String, _ after: String) throws {
        #expect(try FunctionsListEditor.adding("C", to: before, file: "M.swift") == after)
    }

    @Test func noListOrTheHandlerInItIsRefused() {
        #expect(!FunctionsListEditor.hasList("// Functions { }"))
        #expect(throws: ScaffoldError.self) { try FunctionsListEditor.adding("A", to: "let a = 1", file: "M.swift") }
        #expect(throws: ScaffoldError.self) {
            try FunctionsListEditor.adding("A", to: "Functions { A.self }", file: "M.swift")
        }
        #expect(throws: ScaffoldError.self) { try FunctionsListEditor.adding("A", to: "Functions { ", file: "M.swift") }
    }

    @Test func aModuleIsAddedToThePackage() throws {
        let text = "// modules\nlet modules: KeyValuePairs = [\n    \"catalog\": \"Catalog\",\n]\nlet package = 1\n"
        let package = try PackageEditor(text, file: "Package.swift")
        #expect(package.targets == ["catalog": "Catalog"])
        let changed = try package.adding("order-mail", target: "OrderMail")
        #expect(
            changed == "// modules\nlet modules: KeyValuePairs = [\n    \"catalog\": \"Catalog\",\n"
                + "    \"order-mail\": \"OrderMail\",\n]\nlet package = 1\n"
        )
        let again = try PackageEditor(changed, file: "Package.swift")
        #expect(again.targets == ["catalog": "Catalog", "order-mail": "OrderMail"])
        #expect(throws: ScaffoldError.self) { try again.adding("other", target: "Catalog") }
        let inline = try PackageEditor("let modules: KeyValuePairs = [\"a\": \"A\", \"b\": \"B\"]", file: "P")
        #expect(
            try inline.adding("c", target: "C")
                == "let modules: KeyValuePairs = [\n    \"a\": \"A\",\n    \"b\": \"B\",\n    \"c\": \"C\",\n]"
        )
        #expect(throws: ScaffoldError.self) { try PackageEditor("let x = 1", file: "Package.swift") }
    }

    @Test func namesBecomeTypes() {
        #expect(TypeName.from("list-products") == "ListProducts")
        #expect(TypeName.from("a") == "A")
        #expect(TypeName.from("v2-get-3d") == "V2Get3d")
    }
}
