import FunctionKit
import Testing

@Suite struct RequestTests {
    @Test func aQueryIsDecoded() throws {
        let query = QueryParameters("a=1&b=%C3%A9+x&a=2&flag&=v&bad=%zz&plus=1%2B1&cut=%f")
        #expect(query["a"] == "1")
        #expect(query.values("a") == ["1", "2"])
        #expect(query["b"] == "é x")
        #expect(query["flag"] == "")
        #expect(query[""] == "v")
        #expect(query["plus"] == "1+1")
        #expect(query["bad"] == "%zz", "what cannot be decoded is kept")
        #expect(query["cut"] == "%f")
        #expect(query["absent"] == nil)
        #expect(QueryParameters("").all.isEmpty)
        #expect(QueryParameters("&&").all.isEmpty)
        #expect(QueryParameters("x=%FF").all.map(\.value) == ["%FF"])
    }

    @Test func numbersInAQueryAreChecked() throws {
        let query = QueryParameters("page=3&big=999999999999999999999&word=x")
        #expect(try query.int("page") == 3)
        #expect(try query.int("absent") == nil)
        for (name, range) in [("page", 4...9), ("big", Int.min...Int.max), ("word", Int.min...Int.max)] {
            let problem = #expect(throws: Problem.self) { try query.int(name, in: range) }
            #expect(problem?.status == .badRequest)
            #expect(problem?.detail?.contains("'\(name)'") == true)
        }
    }

    @Test func cookiesAreRead() throws {
        let headers: HTTPHeaders = ["cookie": #"cart=abc; theme="dark mode"; empty=; cart=late; =none; odd"#]
        let request = try HTTPRequest(path: "/", headers: headers)
        #expect(request.cookies == ["cart": "abc", "theme": "dark mode", "empty": ""])
    }

    @Test func aRequestMadeByHandShowsWhatItWasMadeOf() async throws {
        let request = try HTTPRequest(
            method: "POST",
            path: "/api/x%20y",
            query: "q=1",
            pathParameters: [("name", "x y")],
            headers: ["Content-Type": "application/json", "X-A": "1"],
            route: "/api/{name}",
            body: Array(#"{"a":[1,2]}"#.utf8)
        )
        #expect(request.method == "POST")
        #expect(request.path == "/api/x%20y")
        #expect(request.query["q"] == "1")
        #expect(request.pathParameters["name"] == "x y")
        #expect(throws: MissingPathParameter.self) { try request.pathParameters.require("other") }
        #expect(request.headers["x-a"] == "1")
        #expect(request.route == "/api/{name}")
        #expect(request.clientAddress == "127.0.0.1")
        #expect(try await request.body.json(as: [String: [Int]].self) == ["a": [1, 2]])
    }

    @Test func aBodyThatCannotBeUsedIsAProblem() async throws {
        func status(_ body: String, type: String? = "application/json", upTo limit: Int = 100) async -> Int? {
            do {
                let headers: HTTPHeaders = type.map { ["content-type": $0] } ?? [:]
                let request = try HTTPRequest(path: "/", headers: headers, body: Array(body.utf8))
                _ = try await request.body.json(as: [String: Int].self, upTo: limit)
                return nil
            } catch let problem as Problem {
                return problem.status.rawValue
            } catch {
                return -1
            }
        }
        #expect(await status(#"{"a":1}"#) == nil)
        #expect(await status(#"{"a":1}"#, type: nil) == nil)
        #expect(await status(#"{"a":1}"#, type: "Application/Problem+JSON ; charset=utf-8") == nil)
        #expect(await status(#"{"a":1}"#, type: "text/json") == 415)
        #expect(await status(#"{"a":1"#) == 400)
        #expect(await status(#"{"a":1,"a":2}"#) == 400)
        #expect(await status("") == 400)
        #expect(await status(#"{"a":"1"}"#) == 422)
        #expect(await status(#"{"a":1}"#, upTo: 7) == nil)
        #expect(await status(#"{"a":1}"#, upTo: 6) == 413)
    }

    @Test func textMustBeUTF8() async throws {
        let good = try HTTPRequest(path: "/", body: Array("é".utf8))
        #expect(try await good.body.text() == "é")
        let bad = try HTTPRequest(path: "/", body: [0xC3, 0x28])
        await #expect(throws: Problem.self) { try await bad.body.text() }
    }

    @Test func headersKeepTheirOrderAndCompareWithoutCase() {
        var headers: HTTPHeaders = ["Set-Cookie": "a=1", "X-One": "1", "set-cookie": "b=2"]
        #expect(headers.all("SET-COOKIE") == ["a=1", "b=2"])
        headers["x-one"] = "2"
        #expect(headers.map(\.value) == ["a=1", "b=2", "2"])
        headers["SET-cookie"] = nil
        #expect(headers.map(\.name) == ["x-one"])
        headers["x-two"] = nil
        #expect(headers.count == 1 && !headers.isEmpty)
    }
}
