import Foundation
import JSON
import Testing

/// `shopfn new` on a small project; that its result builds and answers is what `scripts/check-new` sees.
@Suite struct NewCommandTests {
    private func project() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("functions.yaml", "version: 1\nservice: shop  # mine\nfunctions: {}\n")
        try folder.write("Package.swift", "let modules: KeyValuePairs = [\n    \"catalog\": \"Catalog\",\n]\n")
        try folder.write(
            "Sources/Functions/Catalog/Main/CatalogModule.swift",
            "@main struct CatalogModule: FunctionModule {\n    static let functions = Functions {\n        A.self\n    }\n}\n"
        )
        return folder
    }

    @Test func aFunctionInANewModule() throws {
        let folder = try project()
        let shopfn = Shopfn(folder: folder)
        let program = Shopfn.executable.path(percentEncoded: false)
        let result = try shopfn("new", "say-hello", "--module", "my-greetings", "--route", "GET  /hello/{name}")
        #expect(result.status == 0 && result.errors == "")
        #expect(
            result.text == """
                created  Sources/Functions/MyGreetings/SayHello.swift
                created  Tests/MyGreetingsTests/SayHelloTests.swift
                created  Sources/Functions/MyGreetings/Main/MyGreetingsModule.swift
                changed  Package.swift
                changed  functions.yaml
                Next: swift build -c release --product my-greetings && \(program) invoke say-hello --path /hello/name

                """
        )
        #expect(try folder.read("Package.swift").contains("\n    \"my-greetings\": \"MyGreetings\",\n]"))
        #expect(
            try folder.read("Sources/Functions/MyGreetings/SayHello.swift").contains("struct SayHello: HTTPFunction")
        )
        let module = try folder.read("Sources/Functions/MyGreetings/Main/MyGreetingsModule.swift")
        #expect(module.contains("Functions {\n        SayHello.self\n    }"))
        let manifest = try folder.read("functions.yaml")
        #expect(manifest.contains("service: shop  # mine") && manifest.contains("    route: GET /hello/{name}\n"))
        #expect(try shopfn("check", "--skip-modules").status == 0)
        #expect(try !folder.contents().keys.contains { $0.contains(".new-") })
    }

    @Test(arguments: [("every 10m", "every 10m"), ("*/5 * * * mon-fri", "\"*/5 * * * mon-fri\"")])
    func aFunctionWithASchedule(schedule: String, written: String) throws {
        let folder = try project()
        let shopfn = Shopfn(folder: folder)
        let result = try shopfn("new", "sweep-carts", "--module", "catalog", "--schedule", schedule)
        #expect(result.status == 0 && result.text.hasSuffix(" invoke sweep-carts\n"), "\(result)")
        #expect(try folder.read("functions.yaml").contains("    schedule: \(written)\n"))
        #expect(try folder.read("Sources/Functions/Catalog/SweepCarts.swift").contains("`\(schedule)`"))
        #expect(try shopfn("check", "--skip-modules").status == 0)
        let json = try shopfn("list", "--output", "json").json()
        #expect(json["functions"]?.arrayValue?.first?["schedule"]?.stringValue == schedule)
    }

    @Test func aScheduleThatIsNoneChangesNothing() throws {
        let folder = try project()
        let before = try folder.contents()
        let shopfn = Shopfn(folder: folder)
        for (schedule, said) in [
            ("61 * * * *", "'61' is no minute"), ("every 10", "write 10s"), ("rate(1 hour)", "write 'every 1h'"),
            ("* \" * * *", "is no hour"), ("* \\ * * *", "is no hour"),
        ] {
            let result = try shopfn("new", "a", "--module", "catalog", "--schedule", schedule)
            #expect(result.status == 2 && result.errors.contains(said), "\(result)")
        }
        let both = try shopfn("new", "a", "--module", "catalog", "--schedule", "every 5s", "--route", "GET /a")
        let none = try shopfn("new", "a", "--module", "catalog")
        for result in [both, none] {
            #expect(result.status == 2 && result.errors.contains("give either --route, or --schedule"), "\(result)")
        }
        #expect(try folder.contents() == before)
    }

    @Test func aFunctionInAModuleThatIsThere() throws {
        let folder = try project()
        let shopfn = Shopfn(folder: folder)
        let json = try shopfn(
            "new",
            "b",
            "--module",
            "catalog",
            "--route",
            "POST /b",
            "--handler",
            "Bee",
            "--output",
            "json"
        ).json()
        #expect(json["handler"] == "Bee" && json["files"]?.arrayValue?.count == 4)
        let module = try folder.read("Sources/Functions/Catalog/Main/CatalogModule.swift")
        #expect(module.contains("        A.self\n        Bee.self\n    }"))
        #expect(
            try folder.read("Package.swift") == "let modules: KeyValuePairs = [\n    \"catalog\": \"Catalog\",\n]\n"
        )
    }

    @Test func whatCannotBeDoneChangesNothing() throws {
        let folder = try project()
        try folder.write("Sources/Functions/Catalog/Taken.swift", "mine")
        // A file where a folder has to be: the last of the writes fails.
        try folder.write("Tests/OtherTests", "a file")
        let before = try folder.contents()
        let shopfn = Shopfn(folder: folder)
        for (arguments, status, said) in [
            (["taken", "catalog", "GET /a"], 2, "exists already and is not overwritten"),
            (["a", "catalog", "GET /a"], 2, "lists the handler A already"),
            (["Bad_Name", "catalog", "GET /a"], 2, "write 'bad-name'"),
            (["a", "../up", "GET /a"], 2, "is no name for a module"),
            (["a", "catalog", "get /a"], 2, "GET"),
            (["ok", "other", "GET /a"], 3, "nothing was changed"),
        ] {
            let result = try shopfn("new", arguments[0], "--module", arguments[1], "--route", arguments[2])
            #expect(Int(result.status) == status && result.text == "")
            #expect(result.errors.contains(said), "\(result.errors)")
            #expect(try folder.contents() == before)
        }
    }
}
