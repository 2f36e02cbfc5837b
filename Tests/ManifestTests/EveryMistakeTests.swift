import Manifest
import Testing

/// Many mistakes in one file are all reported, each where it is.
@Suite struct EveryMistakeTests {
    @Test func mistakesOfAllKindsAreReportedAtOnce() {
        let reading = read(
            """
            version: 1
            servce: shop
            service: shop
            defaults: { timeout: 10, queue: -1 }
            functions:
              list-products:
                module: catalog
                handler: ListProducts
                route: GET /api/products/{id}
                memory: 1Mi
                memory: 2Mi
              list-products:
                module: catalog
                handler: Other
                route: GET /other
              get_product:
                module: catalog
                route: GET /api/products/{product}
                environment: { A: "${NOWHERE}", B: "${ALSO_NOWHERE}" }
              find:
                module: catalog
                handler: Find
                route: GET /api/products/{name}
                scale: { min: 3, max: 1, idel: 5s }
              search:
                module: catalog
                handler: Search
                route: POST api
            """
        )
        #expect(
            brief(reading) == [
                "2:1 unknown-key", "4:22 bad-duration", "4:33 out-of-range", "10:13 out-of-range", "11:5 duplicate-key",
                "12:3 duplicate-function", "16:3 bad-name", "16:3 missing-key", "18:12 conflicting-routes",
                "19:23 unset-variable",
                "19:40 unset-variable", "23:12 conflicting-routes", "24:19 min-above-max", "24:30 unknown-key",
                "28:17 bad-route",
            ]
        )
    }

    @Test func routesThatMatchTheSameRequestsAreBothNamed() throws {
        let reading = read(
            """
            version: 1
            service: shop
            functions:
              a: { module: m, handler: A, route: "GET /x/{id}" }
              b: { module: m, handler: B, route: "GET /x/{name}" }
              c: { module: m, handler: C, route: "POST /x/{name}" }
              d: { module: m, handler: D, route: GET /x/search }
              e: { module: m, handler: E, route: "GET /x/{rest...}" }
              f: { module: m, handler: F, route: GET   /x/search }
            """
        )
        #expect(brief(reading) == ["5:38 conflicting-routes", "9:38 conflicting-routes"])
        let first = try #require(reading.diagnostics.first)
        #expect(first.message == "the routes of 'b' and 'a' match the same requests")
        #expect(first.related.map(\.position) == [SourcePosition(line: 4, column: 38, length: 13)])
    }

    @Test func threeOfOneKeyAreTwoMistakes() {
        let reading = read("version: 1\nservice: a\nservice: b\n\"service\": c\n'service': d\nfunctions: {}\n")
        #expect(brief(reading) == ["3:1 duplicate-key", "4:1 duplicate-key", "5:1 duplicate-key"])
        #expect(reading.diagnostics.allSatisfy { $0.related.map(\.position.line) == [2] })
    }

    @Test func aDuplicateBehindAnAnchorIsReported() {
        let reading = read("version: 1\n&a service: a\n&b service: b\nfunctions: {}\n")
        #expect(brief(reading) == ["3:1 duplicate-key"])
    }

    @Test func everyOneOfManyDuplicatesIsReported() {
        let lines = (0..<200).map { _ in "  a: { module: m, handler: H, route: GET /a }\n" }.joined()
        let reading = read("version: 1\nservice: a\nfunctions:\n" + lines)
        #expect(reading.diagnostics.map(\.code) == [DiagnosticCode](repeating: .duplicateFunction, count: 199))
        #expect(reading.diagnostics.map(\.position.line) == Array(5...203))
        #expect(reading.diagnostics.allSatisfy { $0.related.map(\.position.line) == [4] })
    }

    @Test func aMistakeBehindAnAnchorIsReportedOnce() {
        let reading = read(
            """
            version: 1
            service: shop
            x-slow: &slow 10
            functions:
              a: { module: m, handler: A, route: GET /a, timeout: *slow }
              b: { module: m, handler: B, route: GET /b, timeout: *slow }
            """
        )
        #expect(brief(reading) == ["3:15 bad-duration"])
    }

    @Test func aListThatIsTooLongIsCutWithAWord() {
        let lines = (0..<600).map { "  f\($0): { module: m }\n" }.joined()
        let reading = read("version: 1\nservice: a\nfunctions:\n" + lines)
        #expect(reading.diagnostics.count == 501)
        #expect(reading.diagnostics.last?.message == "700 more mistakes are not listed")
    }

    @Test func moduleMistakesAreAddedInOrder() {
        var reading = read(
            """
            version: 1
            service: shop
            functions:
              a: { module: catalog, handler: ListProduct, route: GET /a }
              b: { module: catalog, handler: ListProducts, route: GET /b, timeout: 5 }
              c: { module: cart, handler: C, route: GET /c }
              d: { module: cart, handler: D, route: GET /d }
              e: { module: broken, handler: E, route: GET /e }
              f: { module: empty, handler: F, route: GET /f }
            """
        )
        #expect(reading.modules == ["catalog", "cart", "broken", "empty"])
        reading.check(
            modules: ModuleCatalog(modules: [
                "catalog": .built(path: "/b/catalog", handlers: ["GetProduct", "ListProducts"]),
                "cart": .missing(searched: ["/b", "/c"]),
                "broken": .unusable(path: "/b/broken", reason: "it exited with 5"),
                "empty": .built(path: "/b/empty", handlers: []),
            ])
        )
        #expect(
            brief(reading) == [
                "4:34 unknown-handler", "5:72 bad-duration", "6:16 module-not-built", "8:16 module-unusable",
                "9:32 unknown-handler",
            ]
        )
        #expect(reading.diagnostics.first?.fix == "did you mean 'ListProducts'?")
        #expect(reading.diagnostics[2].message == "the module 'cart' is not built; looked in /b, /c")
        #expect(reading.diagnostics[2].fix.hasPrefix("run 'swift build"))
    }

    @Test func aModuleWhoseNameIsNearlyThatOfOneThatIsBuiltIsTakenForIt() {
        var reading = read(
            """
            version: 1
            service: shop
            functions:
              a: { module: catalog, handler: A, route: GET /a }
              b: { module: catalgo, handler: A, route: GET /b }
            """
        )
        reading.check(modules: ModuleCatalog(modules: ["catalog": .built(path: "/b/catalog", handlers: ["A"])]))
        #expect(brief(reading) == ["5:16 module-not-built"])
        #expect(reading.diagnostics.first?.fix.hasPrefix("did you mean 'catalog'? ") == true)
    }
}
