import FunctionKit
import Testing

@Suite struct ResponseTests {
    private func text(_ response: HTTPResponse) async throws -> String {
        String(decoding: try await response.collectBody(), as: UTF8.self)
    }

    @Test func kindsOfBodiesHaveTheirTypes() async throws {
        struct Product: Encodable { var id = 7 }
        let json = try HTTPResponse.json(Product(), status: .created, headers: ["location": "/products/7"])
        #expect(json.status == .created)
        #expect(json.headers["content-type"] == "application/json")
        #expect(json.headers["location"] == "/products/7")
        #expect(try await text(json) == #"{"id":7}"#)
        #expect(HTTPResponse.text("x").headers["content-type"] == "text/plain; charset=utf-8")
        #expect(HTTPResponse.bytes([1]).headers["content-type"] == "application/octet-stream")
        let own = HTTPResponse.bytes([1], headers: ["Content-Type": "image/png"])
        #expect(own.headers.all("content-type") == ["image/png"])
        #expect(HTTPResponse.empty().status == .noContent)
        #expect(HTTPResponse.empty().headers.isEmpty)
        #expect(throws: EncodingError.self) { try HTTPResponse.json(Double.nan) }
    }

    @Test func aStreamIsWrittenInOrder() async throws {
        let response = HTTPResponse.stream(contentType: "text/plain") { writer in
            try await writer.write("one ")
            try await writer.write([0x32])
        }
        #expect(try await text(response) == "one 2")
    }

    @Test func aProblemIsWrittenAsRFC9457() async throws {
        let response = HTTPResponse.problem(
            Problem(
                status: 409,
                type: "urn:shop:problem:sold-out",
                title: "Sold out",
                detail: "Only 2 are left.",
                instance: "/orders/1",
                extensions: JSONObject([("left", 2), ("status", 999)]),
                headers: ["retry-after": "60"]
            )
        )
        #expect(response.status == .conflict)
        #expect(response.headers["content-type"] == "application/problem+json")
        #expect(response.headers["retry-after"] == "60")
        let expected =
            #"{"type":"urn:shop:problem:sold-out","title":"Sold out","status":409,"#
            + #""detail":"Only 2 are left.","instance":"/orders/1","left":2}"#
        #expect(try await text(response) == expected)
    }

    @Test func aProblemWithANumberThatIsNoneIsStillAnswered() async throws {
        var problem = Problem.badRequest("no")
        problem.extensions = JSONObject([("x", .double(.nan))])
        #expect(try await text(.problem(problem)).contains(#""status":400"#))
    }

    @Test func commonProblemsHaveTheirStatus() {
        #expect(Problem.notFound("x").status == 404)
        #expect(Problem.conflict("x").status == 409)
        #expect(Problem.unprocessable("x").status == 422)
        #expect(Problem.unavailable("x", retryAfter: .milliseconds(1_500)).headers["retry-after"] == "2")
    }
}
