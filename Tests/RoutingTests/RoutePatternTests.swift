import Routing
import Testing

@Suite("Route patterns")
struct RoutePatternTests {
    @Test("are read into method and segments")
    func reads() throws {
        let pattern = try RoutePattern("GET /api/products/{product}/files/{path...}")
        #expect(pattern.method == .named("GET"))
        #expect(
            pattern.segments == [
                .literal("api"), .literal("products"), .parameter("product"), .literal("files"), .rest("path"),
            ]
        )
        #expect(pattern.parameterNames == ["product", "path"])
        #expect(pattern.path == "/api/products/{product}/files/{path...}")
        #expect(try RoutePattern("ANY /").segments == [.literal("")])
        #expect(try RoutePattern("ANY /").method == .any)
    }

    @Test(
        "are written as they are read",
        arguments: [
            "GET /", "ANY /{path...}", "POST /a/b-c_d.e~f", "M-SEARCH /x", "DELETE /{a}/{b}", "GET /a%20b/%C3%A9",
            "GET /!$&'()+,;=@", "GET /...", "GET /a:b/a*b", "GET /a/{_x}", "HEAD /x1/{y-2}",
        ]
    )
    func roundTrip(text: String) throws {
        let pattern = try RoutePattern(text)
        #expect(pattern.description == text)
        #expect(try RoutePattern(pattern.description) == pattern)
    }

    @Test("have 64 segments at most")
    func longest() throws {
        let longest = "GET " + String(repeating: "/a", count: RoutePattern.longestPath)
        #expect(try RoutePattern(longest).segments.count == RoutePattern.longestPath)
        let error = #expect(throws: RoutePatternError.self) { try RoutePattern(longest + "/b") }
        #expect(error?.problem == .tooManySegments)
        #expect(error?.column == longest.utf8.count + 2)
    }

    @Test("allow several spaces behind the method and write one")
    func spaces() throws {
        #expect(try RoutePattern("GET    /a").description == "GET /a")
    }

    @Test(
        "name each mistake with its column",
        arguments: [
            ("", .missingMethod, 1), ("/a", .missingMethod, 1), (" GET /a", .missingMethod, 1),
            ("get /a", .invalidMethod, 1), ("G3!T /a", .invalidMethod, 1), ("1GET /a", .invalidMethod, 1),
            ("GET/a", .invalidMethod, 4), ("CONNECT /a", .invalidMethod, 1), ("GET\t/a", .invalidMethod, 1),
            ("GET", .missingPath, 4), ("GET ", .missingPath, 5),
            ("GET a", .missingLeadingSlash, 5), ("GET {a}", .missingLeadingSlash, 5),
            ("GET http://x/a", .missingLeadingSlash, 5),
            ("GET //a", .emptySegment, 6), ("GET /a//b", .emptySegment, 8), ("GET /a/", .emptySegment, 8),
            ("GET /{}", .invalidParameterName, 7), ("GET /{1a}", .invalidParameterName, 7),
            ("GET /{a b}", .invalidParameterName, 7), ("GET /{é}", .invalidParameterName, 7),
            ("GET /{...}", .invalidParameterName, 7), ("GET /{a..}", .invalidParameterName, 7),
            ("GET /{a}/{a}", .duplicateParameter, 11), ("GET /{a}/x/{a...}", .duplicateParameter, 13),
            ("GET /{a", .unbalancedBrace, 6), ("GET /a}", .unbalancedBrace, 7), ("GET /{{a}", .unbalancedBrace, 6),
            ("GET /{a/b}", .unbalancedBrace, 6), ("GET /}", .unbalancedBrace, 6),
            ("GET /x{a}", .textBesideBrace, 6), ("GET /{a}x", .textBesideBrace, 9),
            ("GET /{a}{b}", .textBesideBrace, 9), ("GET /{a}}", .textBesideBrace, 9),
            ("GET /{a...}/b", .restNotLast, 12),
            ("GET /a?b=c", .queryInPattern, 7), ("GET /{a}?x", .queryInPattern, 9),
            ("GET /:id", .foreignParameter, 6), ("GET /*", .foreignParameter, 6), ("GET /a/**", .foreignParameter, 8),
            ("GET /{proxy+}", .foreignParameter, 12), ("GET /{all*}", .foreignParameter, 10),
            ("GET /a b", .invalidLiteral, 6), ("GET /é", .invalidLiteral, 6), ("GET /%61", .invalidLiteral, 6),
            ("GET /%2f", .invalidLiteral, 6), ("GET /a/%", .invalidLiteral, 8), ("GET /%0g", .invalidLiteral, 6),
            ("GET /%00", .invalidLiteral, 6), ("GET /.", .invalidLiteral, 6), ("GET /a/..", .invalidLiteral, 8),
            ("GET /%2e%2E", .invalidLiteral, 6), ("GET /a#b", .invalidLiteral, 6), ("GET /[a]", .invalidLiteral, 6),
        ] as [(String, RoutePatternError.Problem, Int)]
    )
    func mistakes(text: String, problem: RoutePatternError.Problem, column: Int) {
        let error = #expect(throws: RoutePatternError.self) { try RoutePattern(text) }
        #expect(error?.problem == problem)
        #expect(error?.column == column)
        #expect(error?.fix.hasSuffix(".") == true)
    }

    @Test(
        "say what to write instead",
        arguments: [
            ("get /a", "Write it in capitals: GET."),
            ("GET /:id", "Write a parameter in braces: {id}."),
            ("GET /{proxy+}", "For all the rest of the path write {proxy...}."),
            ("GET /caf\u{E9}", "Write it as `caf%C3%A9`."),
            ("GET /%7Ea%2fb", "Write it as `~a%2Fb`."),
            ("GET /a/", "Leave the slash at the end out."),
        ]
    )
    func fixes(text: String, fix: String) {
        let error = #expect(throws: RoutePatternError.self) { try RoutePattern(text) }
        #expect(error?.fix == fix)
    }

    @Test("speak of mistakes within a sentence as well")
    func clauses() {
        let error = #expect(throws: RoutePatternError.self) { try RoutePattern("get /a") }
        #expect(error?.clauses.problem == "the route's method is not valid")
        #expect(error?.clauses.fix == "write it in capitals: GET")
    }

    @Test(
        "give a path that they match",
        arguments: [("GET /", "/"), ("GET /a/{b}", "/a/b"), ("ANY /{c}/d/{e...}", "/c/d/e")]
    )
    func samplePaths(text: String, path: String) throws {
        #expect(try RoutePattern(text).samplePath == path)
    }

    @Test(
        "overlap only when method and shape are the same",
        arguments: [
            ("GET /a/{x}", "GET /a/{y}", true), ("GET /a", "GET /a", true), ("GET /{x...}", "GET /{y...}", true),
            ("GET /a/{x}", "POST /a/{x}", false), ("GET /a", "ANY /a", false), ("GET /a", "HEAD /a", false),
            ("GET /products/search", "GET /products/{product}", false), ("GET /a/{x}/c", "GET /a/b/{y}", false),
            ("GET /a/{x}", "GET /a/{x...}", false), ("GET /", "GET /{x...}", false), ("GET /a", "GET /a/b", false),
        ]
    )
    func overlaps(left: String, right: String, expected: Bool) throws {
        let left = try RoutePattern(left)
        let right = try RoutePattern(right)
        #expect(left.overlaps(right) == expected)
        #expect(right.overlaps(left) == expected)
        // The router and the check agree on what a conflict is.
        if expected {
            let conflict = #expect(throws: RouteConflict.self) { try Router([(left, 0), (right, 1)]) }
            #expect(conflict?.first == 0)
            #expect(conflict?.second == 1)
        } else {
            _ = try Router([(left, 0), (right, 1)])
        }
    }
}
