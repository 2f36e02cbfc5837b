import JSON
import Testing

/// HTTP/1.1 as well-meaning clients speak it.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct HTTPTests {
    private let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello"),
        .init("echo", "Echo", "POST /echo"),
        .init("inspect", "Inspect", "GET /inspect/{name}"),
        .init("rest", "Inspect", "GET /rest/{path...}"),
        .init("change", "Inspect", "PUT /hello"),
        .init("stream", "StreamOut", "GET /stream"),
        .init("empty", "Log", "DELETE /empty"),
        .init("bad-header", "BadHeader", "GET /bad-header"),
        .init("bad-status", "BadStatus", "GET /bad-status"),
        .init("throw", "Throw", "GET /throw"),
        .init("problem", "ThrowProblem", "GET /problem")
    )

    @Test func aConnectionIsKeptAndPipelinedRequestsAreAnsweredInTheirOrder() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        var bytes: [UInt8] = []
        for index in 0..<200 {
            bytes += Shop.bytes("GET", "/inspect/\(index)")
            if index % 3 == 0 { bytes += Shop.bytes("HEAD", "/hello") }
            if index % 5 == 0 { bytes += Shop.bytes("POST", "/echo", body: Array("echo \(index)".utf8)) }
        }
        connection.send(bytes)
        for index in 0..<200 {
            #expect(try connection.reply().json["parameters"]?["name"]?.stringValue == "\(index)")
            if index % 3 == 0 {
                let head = try connection.reply(to: "HEAD")
                #expect(head.status == 200 && head["content-length"] == "5" && head.body.isEmpty)
            }
            if index % 5 == 0 { #expect(try connection.reply().text == "echo \(index)") }
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func whatFollowsARefusedRequestIsNotAnswered() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        connection.send(
            Shop.bytes("GET", "/hello") + Shop.bytes("GET", "/hello", ["X A: b"]) + Shop.bytes("GET", "/hello")
        )
        let outcome = connection.outcome(within: .seconds(60))
        #expect(outcome.replies.map(\.status) == [200, 400] && outcome.isClosed)
        #expect(try shop.stop() == .code(0))
    }

    @Test func bodiesInChunksAreTakenAndGiven() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        connection.send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.send("5;name=value\r\nHello\r\n7\r\n, world\r\n00\r\nX-Trailer: dropped\r\n\r\n")
        let reply = try connection.reply()
        #expect(reply.status == 200 && reply.text == "Hello, world" && reply["content-type"] == "text/plain")
        #expect(reply.keepsAlive)
        connection.send(Shop.bytes("GET", "/stream?count=50&size=1000"))
        let streamed = try connection.reply()
        #expect(streamed.isChunked && streamed["content-length"] == nil && streamed.body.count == 50_000)
        connection.send(Shop.bytes("GET", "/hello"))
        #expect(try connection.reply().text == "hello")
        #expect(try shop.stop() == .code(0))
    }

    @Test func aClientThatAsksFirstIsToldToGoOn() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.reply(to: "POST").status == 100)
        connection.send("abcde")
        #expect(try connection.nextReply().text == "abcde")
        // One that is refused is told so instead, and sends nothing.
        connection.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.reply(to: "POST").status == 404)
        let large = try shop.connect()
        large.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
        #expect(try large.reply(to: "POST").status == 413)
        #expect(try shop.stop() == .code(0))
    }

    @Test func headHasTheHeadersOfGetAndNoBody() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        connection.send(Shop.bytes("GET", "/hello"))
        let get = try connection.reply()
        connection.send(Shop.bytes("HEAD", "/hello"))
        let head = try connection.reply(to: "HEAD")
        #expect(head.status == get.status && head["content-length"] == get["content-length"])
        #expect(head["content-type"] == get["content-type"])
        connection.send(Shop.bytes("HEAD", "/stream?count=3"))
        #expect(try connection.reply(to: "HEAD").status == 200)
        connection.send(Shop.bytes("HEAD", "/nowhere"))
        #expect(try connection.reply(to: "HEAD").status == 404)
        connection.send(Shop.bytes("GET", "/hello"))
        #expect(try connection.reply().text == "hello")
        #expect(try shop.stop() == .code(0))
    }

    @Test func pathsAndMethodsWithoutAFunction() throws {
        let shop = try Shop(manifest)
        let missing = try shop.get("/nowhere")
        #expect(missing.status == 404 && missing.problem == "no-route")
        let wrong = try shop.request("DELETE", "/hello")
        #expect(wrong.status == 405 && wrong.problem == "method-not-allowed")
        #expect(wrong["allow"].map(Self.list) == ["GET", "HEAD", "OPTIONS", "PUT"])
        let options = try shop.request("OPTIONS", "/hello")
        #expect(options.status == 204 && options["allow"].map(Self.list) == ["GET", "HEAD", "OPTIONS", "PUT"])
        #expect(options.body.isEmpty && options["content-length"] == nil)
        #expect(try shop.request("OPTIONS", "*").status == 204)
        #expect(try shop.request("OPTIONS", "/nowhere").status == 404)
        #expect(try shop.stop() == .code(0))
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.drop { $0 == " " }) }.sorted()
    }

    @Test func pathParametersAreDecodedOnce() throws {
        let shop = try Shop(manifest)
        let cases = [
            "plain": "plain", "caf%C3%A9": "caf\u{E9}", "a%20b+c": "a b+c", "a%2Fb": "a/b", "%25zz": "%zz",
            "a%252Fb": "a%2Fb", "%F0%9F%9B%92": "\u{1F6D2}", "a;b=c": "a;b=c", "%41": "A",
        ]
        for (escaped, value) in cases {
            let reply = try shop.get("/inspect/\(escaped)?q=%2F+x")
            #expect(reply.status == 200, "\(escaped)")
            #expect(try reply.json["parameters"]?["name"]?.stringValue == value)
            #expect(try reply.json["rawQuery"]?.stringValue == "q=%2F+x")
            #expect(try reply.json["query"]?.arrayValue?.first?["value"]?.stringValue == "/ x")
        }
        // Well framed, but no text: the connection goes on.
        let connection = try shop.connect()
        for escaped in ["%ff%fe", "%c0%af", "%ed%a0%80"] {
            connection.send(Shop.bytes("GET", "/inspect/\(escaped)"))
            let reply = try connection.reply()
            #expect(reply.status == 400 && reply.problem == "bad-request" && reply.keepsAlive)
        }
        let rest = try shop.get("/rest/a/b/../c/./d").json
        #expect(rest["parameters"]?["path"]?.stringValue == "a/c/d")
        #expect(rest["route"]?.stringValue == "/rest/{path...}")
        #expect(try shop.stop() == .code(0))
    }

    @Test func requestIdsAndTracesGoInAndOut() throws {
        let shop = try Shop(manifest)
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let given = try shop.get(
            "/inspect/a",
            ["X-Request-Id: my-id-1", "traceparent: 00-\(trace)-00f067aa0ba902b7-01"]
        )
        #expect(given["x-request-id"] == "my-id-1")
        #expect(try given.json["requestID"]?.stringValue == "my-id-1")
        #expect(try given.json["traceID"]?.stringValue == trace)
        let parts = try #require(given["traceparent"]).split(separator: "-")
        #expect(parts.count == 4 && parts[1] == trace && parts[2] != "00f067aa0ba902b7" && parts[3] == "01")

        let made = try shop.get("/inspect/a")
        #expect(made["x-request-id"]?.isEmpty == false)
        #expect(try made.json["requestID"]?.stringValue == made["x-request-id"])
        #expect(made["traceparent"]?.count == 55)
        for bad in ["a b", "a\"b", String(repeating: "x", count: 200)] {
            let reply = try shop.get("/hello", ["X-Request-Id: \(bad)"])
            #expect(reply.status == 200 && reply["x-request-id"] != bad)
        }
        for bad in [
            "00-0-0-0", "ff-\(trace)-00f067aa0ba902b7-01",
            "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01",
        ] {
            let reply = try shop.get("/inspect/a", ["traceparent: \(bad)"])
            #expect(reply["traceparent"]?.contains(trace) == false)
        }
        // Also where no function is met.
        #expect(try shop.get("/nowhere", ["X-Request-Id: my-id-2"])["x-request-id"] == "my-id-2")
        #expect(try shop.stop() == .code(0))
    }

    @Test func oldClientsAreServed() throws {
        let shop = try Shop(manifest)
        let closing = try shop.connect()
        closing.send("GET /hello HTTP/1.0\r\n\r\n")
        let outcome = closing.outcome(within: .seconds(60))
        #expect(outcome.replies.map(\.text) == ["hello"] && outcome.isClosed)
        let keeping = try shop.connect()
        keeping.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try keeping.reply()["connection"]?.lowercased() == "keep-alive")
        // A stream's end is told by the connection's: such clients know no chunks.
        keeping.send("GET /stream?count=3&size=5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let stream = try keeping.reply()
        #expect(!stream.isChunked && stream.body.count == 15)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aClientThatAsksForItIsClosed() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        connection.send(Shop.bytes("GET", "/hello", ["Connection: close"]) + Shop.bytes("GET", "/hello"))
        let outcome = connection.outcome(within: .seconds(60))
        #expect(outcome.replies.map(\.status) == [200] && outcome.isClosed)
        #expect(try shop.stop() == .code(0))
    }

    @Test func fieldsOfTheConnectionDoNotReachTheFunction() throws {
        let shop = try Shop(manifest)
        let reply = try shop.get("/inspect/a", ["Connection: x-secret", "X-Secret: 1", "Keep-Alive: 5", "X-Kept: 2"])
        let names = try #require(try reply.json["headers"]?.arrayValue).compactMap {
            $0["name"]?.stringValue?.lowercased()
        }
        #expect(names.contains("x-kept") && names.contains("host"))
        #expect(!names.contains("x-secret") && !names.contains("connection") && !names.contains("keep-alive"))
        #expect(try shop.stop() == .code(0))
    }

    @Test func failuresOfHandlersAreAnsweredWithoutTheirReasons() throws {
        let shop = try Shop(manifest)
        let thrown = try shop.get("/throw")
        #expect(thrown.status == 500 && thrown.problem == "internal-error")
        #expect(!thrown.text.contains("secret") && shop.process.errorText.contains("the secret reason"))
        let problem = try shop.get("/problem")
        #expect(problem.status == 422)
        #expect(try problem.json["errors"]?.arrayValue?.first?["pointer"]?.stringValue == "/a")
        let header = try shop.get("/bad-header")
        #expect(header.status == 500 && header["set-cookie"] == nil && header.problem == "bad-response")
        #expect(try shop.get("/bad-status").status == 500)
        let empty = try shop.request("DELETE", "/empty")
        #expect(empty.status == 204 && empty["content-length"] == nil && empty.body.isEmpty)
        #expect(try shop.stop() == .code(0))
    }
}
