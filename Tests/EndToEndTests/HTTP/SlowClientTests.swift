import Testing

/// Clients that send slowly, or go away in the middle.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct SlowClientTests {
    private func shop() throws -> Shop {
        try Shop(
            ProbeManifest(.init("hello", "Hello", "GET /hello"), .init("echo", "Echo", "POST /echo")),
            ["--head-timeout", "0.3", "--body-timeout", "0.3", "--idle-timeout", "0.5"]
        )
    }

    @Test func aHeadThatDoesNotEndIsAnswered408() throws {
        let shop = try shop()
        let connection = try shop.connect()
        connection.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        let outcome = connection.outcome(within: .seconds(60))
        #expect(outcome.replies.map(\.status) == [408] && outcome.isClosed)
        #expect(outcome.replies.first?.problem == "slow-request")
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aHeadThatComesByteByByteIsAnswered408AllTheSame() throws {
        let shop = try shop()
        let connection = try shop.connect()
        connection.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        var reply: Reply?
        try eventually("an answer to the slow head", within: .seconds(60)) {
            connection.send("a")
            reply = try? connection.reply(within: .milliseconds(40))
            return reply != nil
        }
        #expect(reply?.status == 408)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test(arguments: ["Content-Length: 1000", "Transfer-Encoding: chunked"])
    func aBodyThatDoesNotComeIsAnswered408(framing: String) throws {
        let shop = try shop()
        let connection = try shop.connect()
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n10")
        let outcome = connection.outcome(within: .seconds(60))
        #expect(outcome.replies.map(\.status) == [408] && outcome.isClosed)
        // Nobody was asked to do anything about it.
        #expect(try shop.pool("echo").arrivals == 0)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aLargeBodyThatStallsFreesItsSlot() throws {
        let shop = try shop()
        let connection = try shop.connect()
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        connection.send([UInt8](repeating: 97, count: 100_000))
        #expect(connection.isClosed(within: .seconds(60)))
        try eventually("the slot is free again") {
            let pool = try shop.pool("echo")
            return pool.running == 0 && pool.abandoned == 0
        }
        #expect(try shop.request("POST", "/echo", body: [1, 2, 3]).body == [1, 2, 3])
        #expect(try shop.stop() == .code(0))
    }

    @Test func anIdleConnectionIsClosedWithoutAWord() throws {
        let shop = try shop()
        let fresh = try shop.connect()
        let used = try shop.connect()
        used.send(Shop.bytes("GET", "/hello"))
        #expect(try used.reply().status == 200)
        for connection in [fresh, used] {
            let outcome = connection.outcome(within: .seconds(60))
            #expect(outcome.replies.isEmpty && outcome.isClosed)
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func aBodyThatComesSteadilyMayTakeLongerThanTheTimeout() throws {
        let shop = try shop()
        let connection = try shop.connect()
        let piece = [UInt8](repeating: 97, count: 8 << 10)
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(piece.count * 6)\r\n\r\n")
        for _ in 0..<6 {
            connection.send(piece)
            // Twice the timeout in all, half of it between two pieces.
            pauseBetweenPieces()
        }
        #expect(try connection.reply().body.count == piece.count * 6)
        #expect(try shop.stop() == .code(0))
    }

    @Test(arguments: [
        "GET /hello HTTP/1.1\r\nHo", "G", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ])
    func aRequestCutShortIsNotAnswered(text: String) throws {
        let shop = try shop()
        let connection = try shop.connect()
        connection.send(text)
        connection.finishSending()
        let outcome = connection.outcome(within: .seconds(60))
        #expect(outcome.isClosed)
        #expect(outcome.replies.allSatisfy { $0.status == 400 })
        #expect(try shop.pool("echo").arrivals == 0)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }
}
