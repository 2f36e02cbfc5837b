import Testing
import Valkey

@Suite("With a real server", .enabled(if: !ServerProcess.executables.isEmpty, ServerProcess.missing), .serialized)
struct ServerTests {
    @Test("the commands of a shop do what they say")
    func commands() async throws {
        try await withServer { client, _ in
            try await client.ping()
            #expect(try await client.get("none") == nil)
            #expect(try await client.set("k", "v"))
            #expect(try await client.get("k", as: String.self) == "v")
            #expect(try await client.set("k", "w", .ifAbsent) == false)
            #expect(try await client.set("k", [0, 255], expiresAfter: .seconds(100), .ifPresent))
            #expect(try await client.get("k") == [0, 255])
            let time = try #require(try await client.timeToLive("k"))
            #expect(time > .seconds(90) && time <= .seconds(100))
            #expect(try await client.persist("k"))
            #expect(try await client.timeToLive("k") == nil)
            #expect(try await client.expire("k", after: .seconds(500)))
            #expect(try await client.expire("none", after: .seconds(500)) == false)
            #expect(try await client.exists("k"))
            #expect(try await client.mget(["k", "none"]) == [[0, 255], nil])
            #expect(try await client.incrby("n", 5) == 5)
            #expect(try await client.incrby("n", -7) == -2)
            #expect(try await client.del("k", "n", "none") == 2)

            #expect(try await client.hset("h", ["a": 1, "b": "zwei"]) == 2)
            #expect(try await client.hget("h", "b") == Array("zwei".utf8))
            #expect(try await client.hget("h", "c") == nil)
            #expect(try await client.hmget("h", ["a", "c"]) == [Array("1".utf8), nil])
            #expect(try await client.hincrby("h", "a", 41) == 42)
            #expect(try await client.hgetall("h", as: String.self) == ["a": "42", "b": "zwei"])
            #expect(try await client.hdel("h", "a", "c") == 1)
            #expect(try await client.hgetall("none").isEmpty)

            #expect(try await client.sadd("s", ["x", "y", "x"]) == 2)
            #expect(Set(try await client.smembers("s")) == [[0x78], [0x79]])
            #expect(try await client.srem("s", ["x"]) == 1)
            #expect(try await client.zadd("z", ["a": 1, "b": 2.5, "c": .infinity]) == 3)
            #expect(try await client.zrange("z", 0, -1, reversed: true) == [[0x63], [0x62], [0x61]])
            #expect(try await client.zrange("z", scores: 2...(.infinity), limit: 1) == [[0x62]])
            #expect(try await client.zrem("z", ["a"]) == 1)
            #expect(try await client.zcard("z") == 2)

            let first = try await client.xadd("x", ["f": "1"])
            let second = try await client.xadd("x", ["f": "2", "g": "3"], keepingAbout: 100)
            #expect(try await client.xlen("x") == 2)
            let entries = try await client.xrange("x", count: 10)
            #expect(entries.map(\.id) == [first, second])
            #expect(entries.last?.fields == ["f": [0x32], "g": [0x33]])

            var cursor = "0"
            var found: Set<[UInt8]> = []
            repeat {
                let page = try await client.scan(cursor: cursor, match: "?", count: 2)
                found.formUnion(page.keys)
                cursor = page.cursor
            } while cursor != "0"
            #expect(found == [[0x68], [0x73], [0x7A], [0x78]])
        }
    }

    @Test("errors say what the server said")
    func errors() async throws {
        try await withServer { client, _ in
            try await client.set("k", "v")
            await #expect {
                _ = try await client.hget("k", "f")
            } throws: { error in
                guard case ValkeyError.server(let error) = error else { return false }
                return error.code == "WRONGTYPE" && error.message.contains("wrong kind of value")
            }
            await #expect(throws: ValkeyError.self) { try await client.send(ValkeyCommand("NOSUCHCOMMAND")) }
            await #expect(throws: ValkeyError.unexpectedReply("expected an integer, got 1 bytes")) {
                try await client.send(ValkeyCommand("GET", "k"), as: Int.self)
            }
        }
    }

    @Test("pipelines and transactions keep their replies in order and errors in place")
    func batches() async throws {
        try await withServer { client, _ in
            let replies = try await client.pipeline([
                ValkeyCommand("SET", "a", "1"), ValkeyCommand("HGET", "a", "f"), ValkeyCommand("INCR", "a"),
            ])
            #expect(replies.count == 3)
            #expect(replies.first == .status("OK"))
            if case .error(let error) = replies[1] {
                #expect(error.code == "WRONGTYPE")
            } else {
                Issue.record("no error")
            }
            #expect(replies.last == .integer(2))
            #expect(try await client.pipeline([ValkeyCommand("GET", "a")]) == [.bytes([0x32])])
            #expect(try await client.pipeline([]) == [])
            let results = try await client.transaction([ValkeyCommand("INCR", "a"), ValkeyCommand("LPOP", "a")])
            #expect(results.first == .integer(3))
            if case .error(let error) = results[1] {
                #expect(error.code == "WRONGTYPE")
            } else {
                Issue.record("no error")
            }
            await #expect(throws: ValkeyError.self) {
                try await client.transaction([ValkeyCommand("INCR", "a"), ValkeyCommand("INCR")])
            }
            #expect(try await client.get("a", as: Int.self) == 3)
        }
    }

    @Test("scripts are known by their hash, and sent again after the server forgot them")
    func scripts() async throws {
        try await withServer { client, _ in
            let script = ValkeyScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
            for round in 1...2 {
                let reply = try await client.eval(script, keys: ["k"], arguments: ["ü"])
                #expect(reply == .array([.bytes([0x6B]), .bytes(Array("ü".utf8)), .integer(round)]))
            }
            #expect(
                try await client.send(ValkeyCommand("SCRIPT", "LOAD", script.source), as: String.self) == script.sha1
            )
            _ = try await client.send(ValkeyCommand("SCRIPT", "FLUSH"))
            #expect(try await client.eval(script, keys: ["k"], arguments: [1]).array?.last == .integer(3))
            #expect(try await client.eval(ValkeyScript("return 7"), as: Int.self) == 7)
            await #expect(throws: ValkeyError.self) { try await client.eval(ValkeyScript("return nonsense(")) }
        }
    }

    @Test("values of 8 MB go both ways, among small ones")
    func large() async throws {
        try await withServer { client, _ in
            let large = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await client.set("large", large)
            try await withThrowingTaskGroup { group in
                for caller in 0..<8 {
                    group.addTask {
                        if caller.isMultiple(of: 4) {
                            #expect(try await client.get("large") == large)
                        } else {
                            try await client.set("k\(caller)", caller)
                            #expect(try await client.get("k\(caller)", as: Int.self) == caller)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("password, user and database are used; wrong ones are told at once, and never shown")
    func authentication() async throws {
        let options = ["--requirepass", "secret", "--user", "shop", "on", ">hush", "~*", "+@all"]
        try await withServer(options) { _, server in
            var full = server.url
            (full.password, full.database) = ("secret", 3)
            let client = ValkeyClient(url: full, configuration: ValkeyConfiguration(connectionPatience: .seconds(10)))
            try await client.set("k", "v")
            #expect(try await client.send(ValkeyCommand("CLIENT", "INFO"), as: String.self).contains("db=3"))
            for (user, password, database) in [
                (nil, "wrong", 0), ("shop", "wrong", 0), (nil, nil, 0), ("shop", "hush", 99),
            ] {
                var url = server.url
                (url.user, url.password, url.database) = (user, password, database)
                let patient = ValkeyConfiguration(timeout: .seconds(60), connectionPatience: .seconds(60))
                let refused = ValkeyClient(url: url, configuration: patient)
                let start = ContinuousClock.now
                await #expect {
                    try await refused.ping()
                } throws: { error in
                    guard case ValkeyError.rejected(_, let reason) = error else { return false }
                    return !reason.isEmpty && !"\(error)".contains("wrong\"") && !"\(error)".contains("hush")
                }
                #expect(start.duration(to: .now) < .seconds(40))
                await refused.close()
            }
            var url = server.url
            (url.user, url.password) = ("shop", "hush")
            let other = ValkeyClient(url: url)
            #expect(try await other.send(ValkeyCommand("ACL", "WHOAMI"), as: String.self) == "shop")
            await other.close()
            await client.close()
        }
    }

    @Test("starts no thread and no connection before the first command")
    func lazy() async throws {
        try await withServer { client, _ in
            let idle = (0..<50).map { _ in ValkeyClient(url: ValkeyURL(endpoint: .unix(path: "/nowhere"))) }
            try await client.ping()
            for client in idle { await client.close() }
            await #expect(throws: ValkeyError.closed) { try await idle.first?.ping() }
        }
    }
}
