import Testing
import Valkey

@Suite("Keys and slots") struct ClusterKeysTests {
    @Test("a key's slot is its CRC16, or that of its tag")
    func slots() {
        // The cluster specification's own example of the checksum: 0x31C3.
        #expect(HashSlot(of: "123456789").number == 0x31C3 % 16_384)
        #expect(HashSlot(of: "foo").number == 12_182)
        #expect(HashSlot(of: "{user1000}.following") == HashSlot(of: "{user1000}.followers"))
        #expect(HashSlot(of: "{user1000}.following") == HashSlot(of: "user1000"))
        #expect(HashSlot(of: "foo{}{bar}") != HashSlot(of: "bar"))
        #expect(HashSlot(of: "foo{{bar}}zap") == HashSlot(of: "{bar"))
        #expect(HashSlot(of: "foo{bar}{zap}") == HashSlot(of: "bar"))
        #expect(HashSlot(of: "foo}{bar") != HashSlot(of: "bar"))
        #expect(HashSlot(of: "").number == 0)
        #expect(HashSlot(16_384) == nil && HashSlot(-1) == nil)
    }

    @Test("commands with keys of several slots are refused with what to do")
    func severalSlots() throws {
        #expect(try ValkeyCommand("MGET", "{a}1", "{a}2").hashSlot() == HashSlot(of: "a"))
        #expect(try ValkeyCommand("EVAL", "return 1", 0, "x").hashSlot() == nil)
        #expect(try ValkeyCommand("PING").hashSlot() == nil)
        for command in [
            ValkeyCommand("MGET", "a", "b"), ValkeyCommand("eval", "return 1", 2, "a", "b"),
            ValkeyCommand("RENAME", "a", "b"),
        ] {
            #expect {
                try command.hashSlot()
            } throws: { error in
                "\(error)".contains("several hash slots") && "\(error)".contains("{tag}")
            }
        }
        #expect(throws: ValkeyError.self) { try ValkeyCommand("SCAN", 0).hashSlot() }
    }

    @Test("malformed lists of slots are refused")
    func topologies() throws {
        let asked = ClusterNode(host: "asked", port: 1)
        func range(_ parts: ValkeyValue...) -> ValkeyValue { .array([.array(parts)]) }
        let node: ValkeyValue = .array([.bytes(Array("h".utf8)), .integer(7)])
        let good = try ClusterTopology(range(.integer(0), .integer(5), node, node), asked: asked)
        #expect(good.ranges == [.init(slots: 0...5, node: ClusterNode(host: "h", port: 7))])
        let nameless: ValkeyValue = .array([.null, .integer(7)])
        #expect(
            try ClusterTopology(range(.integer(0), .integer(5), nameless), asked: asked).ranges[0].node.host == "asked"
        )
        let unknown: ValkeyValue = .array([.bytes(Array("?".utf8)), .integer(7)])
        #expect(try ClusterTopology(range(.integer(0), .integer(5), unknown), asked: asked).ranges.isEmpty)
        for bad: ValkeyValue in [
            .null, .integer(1), .array([.integer(1)]), range(.integer(0), .integer(5)),
            range(.integer(5), .integer(0), node), range(.integer(0), .integer(16_384), node),
            range(.integer(-1), .integer(3), node), range(.integer(0), .integer(5), .array([.null])),
            range(.integer(0), .integer(5), .array([.null, .integer(70_000)])),
        ] {
            #expect(throws: ValkeyError.self) { try ClusterTopology(bad, asked: asked) }
        }
    }

    /// Commands of every kind there is, each with the words that its form asks for.
    private static let commands: [ValkeyCommand] = [
        ValkeyCommand("GET", "k"), ValkeyCommand("set", "k", "v", "EX", 10), ValkeyCommand("DEL", "a", "b", "c"),
        ValkeyCommand("MSET", "a", "1", "b", "2"), ValkeyCommand("HSET", "h", "f", "v", "g", "w"),
        ValkeyCommand("BLPOP", "a", "b", 1), ValkeyCommand("RENAME", "a", "b"),
        ValkeyCommand("COPY", "a", "b", "REPLACE"),
        ValkeyCommand("OBJECT", "ENCODING", "k"), ValkeyCommand("MEMORY", "USAGE", "k"),
        ValkeyCommand("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"), ValkeyCommand("XINFO", "STREAM", "s"),
        ValkeyCommand("BITOP", "AND", "d", "a", "b"), ValkeyCommand("EVAL", "return 1", 2, "a", "b", "x"),
        ValkeyCommand("EVALSHA", String(repeating: "0", count: 40), 1, "a", "x"),
        ValkeyCommand("SINTERCARD", 2, "a", "b", "LIMIT", 1), ValkeyCommand("ZUNION", 2, "a", "b", "WITHSCORES"),
        ValkeyCommand("ZUNIONSTORE", "d", 2, "a", "b", "WEIGHTS", 1, 2), ValkeyCommand("LMPOP", 2, "a", "b", "LEFT"),
        ValkeyCommand("BZMPOP", 1, 2, "a", "b", "MIN"), ValkeyCommand("XADD", "s", "*", "f", "v"),
        ValkeyCommand("XREAD", "COUNT", 2, "STREAMS", "s", "t", "0", "0"),
        ValkeyCommand("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"),
        ValkeyCommand("ZRANGESTORE", "d", "s", 0, 1),
        ValkeyCommand("SMOVE", "a", "b", "m"), ValkeyCommand("PFCOUNT", "a", "b"), ValkeyCommand("LCS", "a", "b"),
        ValkeyCommand("GETEX", "k"), ValkeyCommand("ZADD", "z", 1, "m"), ValkeyCommand("SORT", "k", "LIMIT", 0, 1),
        ValkeyCommand("GEOSEARCHSTORE", "d", "s", "FROMMEMBER", "m", "BYRADIUS", 1, "km"),
        ValkeyCommand("TOUCH", "a", "b"),
    ]

    @Test(
        "the server finds the same keys and slots",
        .enabled(if: !ServerProcess.executables.isEmpty, ServerProcess.missing)
    )
    func sameAsTheServer() async throws {
        try await withServer(["--cluster-enabled", "yes", "--port", "0"]) { client, _ in
            for command in Self.commands {
                let words = command.words
                let reply = try await client.send(
                    ValkeyCommand("COMMAND", arguments: ["GETKEYS"] + words),
                    as: [String].self
                )
                #expect(command.keyWords.map { words[$0] } == reply, "\(words)")
            }
            for _ in 0..<300 {
                let key = String((0..<Int.random(in: 0...12)).map { _ in Array("ab{}é:").randomElement() ?? "a" })
                let slot = try await client.send(ValkeyCommand("CLUSTER", "KEYSLOT", key), as: Int.self)
                #expect(Int(HashSlot(of: key).number) == slot, "\(key)")
            }
        }
    }
}

extension ValkeyCommand {
    fileprivate var words: [String] {
        // Arguments of these tests have no line ends, so every other line is one.
        let lines = String(decoding: wire, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        return stride(from: 2, to: lines.count, by: 2).map { String(lines[$0]) }
    }
}
