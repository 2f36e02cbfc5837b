import Foundation
import HTTPTransfer
import Testing

private struct Echo: Decodable {
    var method: String
    var target: String
    var fields: [[String]]
    var body: String
    var connection: Int

    init(_ response: HTTPClientResponse) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }

    func values(_ name: String) -> [String] {
        fields.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
    }
}

@Suite("Requests", .enabled(if: HTTPServer.isAvailable, HTTPServer.missing), .serialized)
struct ExchangeTests {
    @Test("carry method, target, fields and body as given, and nothing that nobody asked for")
    func request() async throws {
        try await withServer { client, server in
            let response = try await client.execute(
                HTTPClientRequest(
                    method: "PATCH",
                    url: server.url("/echo?a=b%20c"),
                    headers: ["X-One": "1", "X-Many": "a", "x-many": "b", "X-None": "", "Content-Length": "5"],
                    body: [0x68, 0xE9, 0, 0x0D, 0x0A]
                )
            )
            let echo = try Echo(response)
            #expect(echo.method == "PATCH")
            #expect(echo.target == "/echo?a=b%20c")
            #expect(Array(echo.body.unicodeScalars.map(\.value)) == [0x68, 0xE9, 0, 0x0D, 0x0A])
            #expect(echo.values("X-One") == ["1"])
            #expect(echo.values("X-Many") == ["a", "b"])
            #expect(echo.values("X-None") == [""])
            #expect(echo.values("Content-Length") == ["5"])
            #expect(echo.values("Content-Type").isEmpty)
            #expect(echo.values("Expect").isEmpty)
            #expect(response.status == 200)
            #expect(response.isSuccess)
            #expect(response.headers["x-TWICE"] == "one")
            #expect(response.headers.values(of: "X-Twice") == ["one", "two"])
            #expect(response.headers["X-Empty"] == "")
        }
    }

    @Test(
        "are sent whatever the method",
        arguments: ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PURGE"],
        [true, false]
    )
    func methods(method: String, hasBody: Bool) async throws {
        try await withServer { client, server in
            let body = hasBody ? Array("body".utf8) : []
            let request = HTTPClientRequest(method: method, url: server.url("/echo"), body: body)
            let echo = try Echo(try await client.execute(request))
            #expect(echo.method == method)
            #expect(echo.body == (hasBody ? "body" : ""))
            #expect(echo.values("Transfer-Encoding").isEmpty)
        }
    }

    @Test("of HEAD have no body")
    func head() async throws {
        try await withServer { client, server in
            let request = HTTPClientRequest(method: "HEAD", url: server.url("/nothing"))
            let response = try await client.execute(request)
            #expect(response.status == 204)
            #expect(response.body.isEmpty)
        }
    }

    @Test("get every status as it is; redirects are not followed", arguments: [204, 302, 404, 422, 503])
    func statuses(status: Int) async throws {
        try await withServer { client, server in
            let path = status == 204 ? "/nothing" : "/status?\(status)"
            let response = try await client.execute(HTTPClientRequest(url: server.url(path)))
            #expect(response.status == status)
            #expect(response.isSuccess == (status == 204))
        }
    }

    @Test("get the final response, not an interim one")
    func interim() async throws {
        try await withServer { client, server in
            let response = try await client.execute(HTTPClientRequest(url: server.url("/interim")))
            #expect(response.status == 200)
            #expect(response.body == Array("final".utf8))
            #expect(response.headers["Link"] == nil)
            #expect(response.headers["X-Final"] == "yes")
        }
    }

    @Test("with large bodies go both ways")
    func large() async throws {
        try await withServer { client, server in
            let response = try await client.execute(HTTPClientRequest(url: server.url("/bytes?3000000")))
            #expect(response.body == (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 31 % 256) })
            let body = [UInt8](repeating: 0x7A, count: 3_000_000)
            let echo = try Echo(
                try await client.execute(HTTPClientRequest(method: "POST", url: server.url("/echo"), body: body))
            )
            #expect(echo.body.utf8.count == body.count)
            #expect(echo.values("Expect").isEmpty)
        }
    }

    @Test("one after the other share a connection; a connection that was closed meanwhile is replaced")
    func reuse() async throws {
        try await withServer { client, server in
            let echo = HTTPClientRequest(url: server.url("/echo"))
            let first = try Echo(try await client.execute(echo)).connection
            for _ in 0..<10 {
                let next = try Echo(try await client.execute(echo))
                #expect(next.connection == first)
            }
            _ = try await client.execute(HTTPClientRequest(url: server.url("/close")))
            let last = try Echo(try await client.execute(echo))
            #expect(last.connection != first)
        }
    }

    @Test("at the same time get each their own response")
    func concurrent() async throws {
        try await withServer { client, server in
            try await withThrowingTaskGroup { group in
                for caller in 0..<64 {
                    group.addTask {
                        for round in 0..<10 {
                            let request = HTTPClientRequest(url: server.url("/echo?\(caller)-\(round)"))
                            let echo = try Echo(try await client.execute(request))
                            #expect(echo.target == "/echo?\(caller)-\(round)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("wait for a connection where a host is allowed only few")
    func fewConnections() async throws {
        try await withServer(HTTPClientConfiguration(maxConnectionsPerHost: 2, usesProxies: false)) { client, server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        let response = try await client.execute(HTTPClientRequest(url: server.url("/delay?5")))
                        #expect(response.body == Array("late".utf8))
                    }
                }
                try await group.waitForAll()
            }
            let counters = try await client.execute(HTTPClientRequest(url: server.url("/counters")))
            let count = try JSONDecoder().decode([Int].self, from: Data(counters.body))[0]
            #expect(count <= 2)
        }
    }

    @Test(
        "that would become another request on the wire are refused",
        arguments: [
            HTTPClientRequest(url: "file:///etc/passwd"), HTTPClientRequest(url: "/relative"),
            HTTPClientRequest(url: "http://h/a b"), HTTPClientRequest(url: "http://h/\r\nX: y"),
            HTTPClientRequest(method: "GET /x", url: "http://h/"), HTTPClientRequest(method: "", url: "http://h/"),
            HTTPClientRequest(url: "http://h/", headers: ["X": "a\r\nY: b"]),
            HTTPClientRequest(url: "http://h/", headers: ["X": "a\0"]),
            HTTPClientRequest(url: "http://h/", headers: ["X Y": "a"]),
            HTTPClientRequest(url: "http://h/", headers: ["X:": "a"]),
            HTTPClientRequest(url: "http://h/", headers: ["transfer-encoding": "chunked"]),
            HTTPClientRequest(url: "http://h/", headers: ["Content-Length": "7"], body: [1]),
        ]
    )
    func refused(request: HTTPClientRequest) async throws {
        let client = HTTPClient()
        await #expect {
            try await client.execute(request)
        } throws: {
            if case HTTPClientError.invalidRequest = $0 { true } else { false }
        }
        await client.close()
    }
}
