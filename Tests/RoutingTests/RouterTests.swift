import Randomness
import Routing
import Testing

@Suite("The router")
struct RouterTests {
    private static let shop = [
        "GET /", "GET /api/products", "POST /api/products", "GET /api/products/search", "GET /api/products/{product}",
        "DELETE /api/products/{product}", "GET /a/{x}/c", "GET /a/b/{y}", "GET /files/{path...}", "ANY /any",
        "POST /only/post", "GET /only/{any}", "HEAD /head", "GET /head", "OPTIONS /opt", "GET /opt",
    ]

    @Test(
        "finds the most specific route",
        arguments: [
            ("GET", "/", .found("GET /", [])),
            ("GET", "/api/products", .found("GET /api/products", [])),
            ("GET", "/api/products/search", .found("GET /api/products/search", [])),
            ("GET", "/api/products/17", .found("GET /api/products/{product}", ["17"])),
            ("GET", "/api/products/a%2Fb", .found("GET /api/products/{product}", ["a%2Fb"])),
            // The literal has no DELETE, the parameter has.
            ("DELETE", "/api/products/search", .found("DELETE /api/products/{product}", ["search"])),
            // The literal wins from left to right, but the search comes back from it.
            ("GET", "/a/b/c", .found("GET /a/b/{y}", ["c"])),
            ("GET", "/a/z/c", .found("GET /a/{x}/c", ["z"])),
            ("GET", "/a/b/d", .found("GET /a/b/{y}", ["d"])),
            ("GET", "/a/z/d", .notFound),
            ("GET", "/files/", .found("GET /files/{path...}", [""])),
            ("GET", "/files/a//b/", .found("GET /files/{path...}", ["a//b/"])),
            ("GET", "/files", .notFound),
            ("GET", "/api/products/", .notFound),
            ("GET", "/api//products", .notFound),
            ("GET", "/api/products/1/", .notFound),
            ("GET", "/API/products", .notFound),
            ("GET", "//", .notFound),
            ("GET", "", .notFound),
            ("OPTIONS", "*", .notFound),
            ("GET", "/only/post", .found("GET /only/{any}", ["post"])),
            ("POST", "/only/post", .found("POST /only/post", [])),
            ("HEAD", "/api/products/17", .found("GET /api/products/{product}", ["17"])),
            ("HEAD", "/head", .found("HEAD /head", [])),
            ("GET", "/head", .found("GET /head", [])),
            ("BREW", "/any", .found("ANY /any", [])),
            ("OPTIONS", "/opt", .found("OPTIONS /opt", [])),
            ("PUT", "/api/products", .methodNotAllowed("GET, HEAD, OPTIONS, POST")),
            ("OPTIONS", "/api/products", .methodNotAllowed("GET, HEAD, OPTIONS, POST")),
            ("PUT", "/api/products/search", .methodNotAllowed("DELETE, GET, HEAD, OPTIONS")),
            ("get", "/api/products", .methodNotAllowed("GET, HEAD, OPTIONS, POST")),
            ("", "/opt", .methodNotAllowed("GET, HEAD, OPTIONS")),
        ] as [(String, String, Answer)]
    )
    func finds(method: String, path: String, expected: Answer) throws {
        #expect(try router(Self.shop).answer(method, path) == expected)
        // The order of the routes says nothing.
        #expect(try router(Self.shop.reversed()).answer(method, path) == expected)
    }

    @Test("without routes finds nothing")
    func empty() throws {
        #expect(try router([]).answer("GET", "/") == .notFound)
    }

    @Test("agrees with the rules applied by brute force", arguments: 0..<300 as Range<UInt64>)
    func agreesWithReference(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var patterns: [RoutePattern] = []
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let pattern = try RoutePattern(Self.randomPattern(using: &random))
            if !patterns.contains(where: { $0.overlaps(pattern) }) { patterns.append(pattern) }
        }
        let router = try Router(patterns.map { ($0, $0.description) })
        let reference = ReferenceMatcher(patterns: patterns)
        for _ in 0..<300 {
            let method = ["GET", "HEAD", "POST", "OPTIONS", "BREW"].randomElement(using: &random) ?? "GET"
            var path = ""
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                path +=
                    "/" + (["", "a", "b", "c", "ab", "segment-of-sixteen", "%2F"].randomElement(using: &random) ?? "")
            }
            #expect(router.answer(method, path) == reference.answer(method, path), "\(method) \(path)")
        }
    }

    private static func randomPattern(using random: inout SeededRandom) -> String {
        var text = ["GET", "GET", "POST", "HEAD", "ANY"].randomElement(using: &random) ?? "GET"
        text += " "
        let count = Int.random(in: 0...4, using: &random)
        if count == 0 { return text + "/" }
        for index in 0..<count {
            switch Int.random(in: 0..<8, using: &random) {
            case 0...3:
                text += "/" + (["a", "b", "c", "ab", "segment-of-sixteen"].randomElement(using: &random) ?? "a")
            case 4...6: text += "/{p\(index)}"
            default: return text + "/{rest...}"
            }
        }
        return text
    }

    @Test("survives any bytes", arguments: 0..<50 as Range<UInt64>)
    func survivesAnyBytes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let router = try router(Self.shop)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Bool.random(using: &random) ? UInt8(ascii: "/") : UInt8.random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBytes { bytes in
                if case .found(let match) = router.match(method: bytes, path: bytes) {
                    for range in match.parameters { #expect(bytes.indices.contains(range) || range.isEmpty) }
                }
            }
        }
    }

    @Test("finds each of ten thousand routes")
    func manyRoutes() throws {
        let patterns = (0..<5_000).flatMap { ["GET /api/r\($0)/items", "GET /api/r\($0)/items/{item}"] }
        let router = try router(patterns)
        for number in 0..<5_000 {
            #expect(router.answer("GET", "/api/r\(number)/items") == .found("GET /api/r\(number)/items", []))
            #expect(
                router.answer("GET", "/api/r\(number)/items/x") == .found("GET /api/r\(number)/items/{item}", ["x"])
            )
        }
        #expect(router.answer("GET", "/api/r5000/items") == .notFound)
    }

    @Test("visits a node once at most, however the branches are laid")
    func boundedBacktracking() throws {
        // Each level offers a literal and a parameter, and no path of sixteen segments ends well but the last.
        var patterns: [String] = []
        for bits in 0..<1 << 10 {
            let shape = (0..<10).map { bits >> $0 & 1 == 0 ? "/a" : "/{p\($0)}" }.joined()
            patterns.append("GET \(shape)/end")
        }
        let router = try router(patterns)
        let path = String(repeating: "/a", count: 10)
        let duration = ContinuousClock().measure {
            for _ in 0..<100 { #expect(router.answer("GET", path + "/other") == .notFound) }
        }
        // 2,047 nodes a search: 100 of them take milliseconds; an exponential search would take minutes.
        #expect(duration < .seconds(20))
        #expect(router.answer("GET", path + "/end") == .found("GET \(path)/end", []))
    }
}
