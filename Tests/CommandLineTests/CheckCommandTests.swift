import Foundation
import JSON
import Testing

@Suite struct CheckCommandTests {
    static let manifest = """
        version: 1
        service: shop
        functions:
          list-products: { module: catalog, handler: ListProducts, route: GET /api/products }
          get-gift: { module: gift, handler: GetCart, route: "GET /api/carts/{gift}" }

        """

    /// A module as the command sees it: a program that answers `--describe`.
    private func module(_ answer: String) -> String { "#!/bin/sh\n[ \"$1\" = --describe ] || exit 9\n\(answer)\n" }

    private func describing(_ name: String, _ handlers: String) -> String {
        module("echo '{\"module\":\"\(name)\",\"protocol\":1,\"handlers\":[\(handlers)]}'")
    }

    private func project(_ manifest: String = manifest) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("functions.yaml", manifest)
        try folder.write(
            ".build/release/catalog",
            describing("catalog", "\"GetProduct\",\"ListProducts\""),
            isExecutable: true
        )
        try folder.write(".build/debug/gift", describing("gift", "\"GetCart\""), isExecutable: true)
        return folder
    }

    @Test func aRightManifestEndsWithZero() throws {
        let folder = try project()
        let shopfn = Shopfn(folder: folder)
        let result = try shopfn("check")
        #expect(result.status == 0)
        #expect(result.text == "functions.yaml is right: 2 functions in 2 modules\n")
        #expect(result.errors == "")
        let json = try shopfn("check", "--output", "json").json()
        #expect(json["functions"] == 2 && json["diagnostics"] == [] && json["modules"] == ["catalog", "gift"])
    }

    @Test func everyMistakeIsShownAndTheEndIsTwo() throws {
        let folder = try project(Self.manifest + "  other: { module: catalog, handler: ListProduct, rote: GET /x }\n")
        try folder.write(".build/debug/gift", describing("gift", "\"Other\""), isExecutable: true)
        let shopfn = Shopfn(folder: folder)
        let result = try shopfn("check")
        #expect(result.status == 2)
        #expect(result.text == "")
        for line in [
            "functions.yaml:5:38: error: the module 'gift' has no handler 'GetCart' [unknown-handler]",
            "functions.yaml:6:38: error: the module 'catalog' has no handler 'ListProduct' [unknown-handler]",
            "functions.yaml:6:51: error: the function 'other' has no key 'rote' [unknown-key]",
            "  fix: did you mean 'route'?",
        ] { #expect(result.errors.contains(line + "\n")) }
        #expect(result.errors.hasSuffix("shopfn: functions.yaml has 4 mistakes; mend them as shown\n"))

        let machine = try shopfn("check", "--output=json")
        #expect(machine.status == 2)
        let json = try machine.json()
        #expect(json["error"]?["code"] == "manifest-wrong" && json["error"]?["exitCode"] == 2)
        #expect(json["diagnostics"]?.arrayValue?.count == 4)
        #expect(json["diagnostics"]?[0]?["line"] == 5 && json["diagnostics"]?[0]?["endColumn"] == 45)
        #expect(machine.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        ("exit 5", "it exited with 5"), ("echo broken >&2; exit 1", "it exited with 1: broken"),
        ("kill -9 $$", "signal 9 ended it"), ("echo hello", "its answer is no JSON"),
        ("echo '{}'", "its answer has no list of handlers"),
        ("echo '{\"module\":\"other\",\"handlers\":[]}'", "it says that it is 'other'"),
        ("yes", "it printed more than 1 MiB"),
    ])
    func aModuleThatCannotBeAskedIsNamedWithTheReason(_ script: String, _ reason: String) throws {
        let folder = try project()
        try folder.write(".build/release/catalog", module(script), isExecutable: true)
        let json = try Shopfn(folder: folder)("check", "--modules", ".build/release", "--output", "json").json()
        #expect(json["diagnostics"]?[0]?["code"] == "module-unusable")
        #expect(json["diagnostics"]?[0]?["message"]?.stringValue?.contains(reason) == true)
    }

    @Test func modulesAreLookedForWhereTheOptionSaysOrNotAtAll() throws {
        let folder = try project()
        try folder.write("bin/catalog", describing("catalog", "\"ListProducts\""), isExecutable: true)
        try folder.write("bin/gift", describing("gift", "\"GetCart\""))
        let shopfn = Shopfn(folder: folder)
        let result = try shopfn("check", "--modules", "bin", "--output", "json")
        #expect(result.status == 2)
        let diagnostics = try result.json()["diagnostics"]?.arrayValue ?? []
        #expect(diagnostics.compactMap { $0["code"]?.stringValue } == ["module-not-built"])
        #expect(diagnostics[0]["message"] == "the module 'gift' is not built; looked in bin")
        #expect(try shopfn("check", "--modules", "nowhere", "--skip-modules").status == 0)
    }

    @Test func variablesComeFromTheEnvironment() throws {
        let folder = try project("version: 1\nservice: ${NAME}\nfunctions: {}\n")
        var shopfn = Shopfn(folder: folder)
        #expect(try shopfn("check").status == 2)
        shopfn.environment["NAME"] = "shop"
        #expect(try shopfn("check", "--output", "json").json()["service"] == "shop")
    }

    @Test func theManifestIsLookedForUpwards() throws {
        let folder = try project()
        try folder.write("a/b/file", "")
        let deep = Shopfn(folder: folder.url.appending(path: "a/b"), of: folder)
        let path = folder.url.path(percentEncoded: false) + "/functions.yaml"
        #expect(try deep("check").text == "\(path) is right: 2 functions in 2 modules\n")
        #expect(try deep("check", "--manifest", "../..").status == 0)
        #expect(try deep("check", "--manifest", "../../functions.yaml").status == 0)
        let missing = try deep("check", "--manifest", "nothing.yaml")
        #expect(missing.status == 2)
        #expect(
            missing.errors == "shopfn: there is no manifest at nothing.yaml; name an existing file with --manifest\n"
        )
        let nowhere = try Shopfn(folder: URL(filePath: "/"))("list")
        #expect(nowhere.status == 2 && nowhere.errors.hasPrefix("shopfn: there is no functions.yaml in /"))
    }

    @Test func listShowsTheFunctions() throws {
        let folder = try project()
        let shopfn = Shopfn(folder: folder)
        let lines = try shopfn("list").text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("FUNCTION       TRIGGER                HANDLER"))
        #expect(lines[1].hasPrefix("list-products  GET /api/products      catalog.ListProducts  10s"))
        let json = try shopfn("list", "--output", "json").json()
        #expect(json["functions"]?[1]?["route"] == "GET /api/carts/{gift}")
        #expect(json["functions"]?[1]?["timeoutMs"] == 10_000 && json["functions"]?[1]?["scale"]?["max"] == 8)
    }
}
