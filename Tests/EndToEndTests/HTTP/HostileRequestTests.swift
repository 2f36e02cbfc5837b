import Testing

/// What must not be answered is refused, and nobody else notices.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct HostileRequestTests {
    @Test func ambiguousFraming() throws { try check(HostileRequest.smuggling) }
    @Test func requestLines() throws { try check(HostileRequest.requestLines) }
    @Test func targets() throws { try check(HostileRequest.targets) }
    @Test func fields() throws { try check(HostileRequest.fields) }
    @Test func bodies() throws { try check(HostileRequest.bodies) }

    /// Sends each request on a connection of its own, whole and then in two parts.
    private func check(_ table: [HostileRequest], _ location: SourceLocation = #_sourceLocation) throws {
        let shop = try Shop(
            ProbeManifest(
                .init("hello", "Hello", "GET /hello"),
                .init("echo", "Echo", "POST /echo", "maxBody: 100000B")
            )
        )
        for request in table {
            for split in [request.bytes.count, request.bytes.count / 2] {
                let connection = try shop.connect()
                connection.send(request.bytes[..<split])
                // An answer may come before all of it was sent.
                if split < request.bytes.count { connection.send(request.bytes[split...]) }
                let outcome = connection.outcome(within: .seconds(20))
                #expect(
                    outcome.replies.map(\.status) == [request.status].compactMap(\.self),
                    "\(request.name)",
                    sourceLocation: location
                )
                #expect(outcome.isClosed, "\(request.name): the connection stays open", sourceLocation: location)
                if let reply = outcome.replies.first {
                    #expect(reply.problem == "bad-request", "\(request.name)", sourceLocation: location)
                    #expect(!reply.detail.isEmpty, "\(request.name)", sourceLocation: location)
                    #expect(reply["connection"] == "close", "\(request.name)", sourceLocation: location)
                }
            }
            #expect(try shop.get("/hello").text == "hello", "after \(request.name)", sourceLocation: location)
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func refusalsAreCounted() throws {
        let shop = try Shop(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        _ = try shop.get("/hello", ["Content-Length: x"])
        _ = try shop.get("/hello", ["Content-Length: y"])
        #expect(try shop.metric("shopfn_refused_requests_total", "reason=\"invalid-content-length\"") == 2)
        #expect(try shop.metric("shopfn_requests_total", "function=\"\"", "code=\"400\"") == 2)
        #expect(try shop.stop() == .code(0))
    }
}
