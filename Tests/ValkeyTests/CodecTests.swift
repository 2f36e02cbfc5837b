import CHiredis
import Randomness
import Testing
import Valkey

@Suite("The codec")
struct CodecTests {
    @Test("writes commands byte for byte as hiredis does")
    func commands() throws {
        var random = SeededRandom(seed: 3)
        for count in 1...200 {
            let words = (0..<count).map { _ in
                (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            }
            let command = ValkeyCommand("NAME", arguments: words)
            #expect(command.wire == formatByHiredis([Array("NAME".utf8)] + words))
        }
        #expect(ValkeyCommand("SET", "k", -12).wire == Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n-12\r\n".utf8))
        #expect(ValkeyCommand("A", 0.1, "ü"[...], [1, 2][...]).wire.count == 11 + 9 + 8 + 8)
    }

    private func formatByHiredis(_ words: [[UInt8]]) -> [UInt8] {
        var target: UnsafeMutablePointer<CChar>?
        let copies = words.map { word in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: word.count + 1)
            for (index, byte) in word.enumerated() { copy[index] = CChar(bitPattern: byte) }
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        var pointers = copies.map { UnsafePointer<CChar>?($0) }
        let length = redisFormatCommandArgv(&target, Int32(words.count), &pointers, words.map(\.count))
        defer { redisFreeCommand(target) }
        return target.map { start in (0..<Int(length)).map { UInt8(bitPattern: start[$0]) } } ?? []
    }

    private static let replies =
        "+OK\r\n-WRONGTYPE bad\r\n:-9223372036854775808\r\n$-1\r\n$0\r\n\r\n$5\r\na\r\nbc\r\n*-1\r\n*0\r\n"
        + "*4\r\n:1\r\n*2\r\n$1\r\nx\r\n*1\r\n*0\r\n-ERR in\r\n$-1\r\n+last\r\n"
    private static let values: [ValkeyValue] = [
        .status("OK"), .error(ValkeyServerError("WRONGTYPE bad")), .integer(.min), .null, .bytes([]),
        .bytes(Array("a\r\nbc".utf8)), .null, .array([]),
        .array([
            .integer(1), .array([.bytes([0x78]), .array([.array([])])]), .error(ValkeyServerError("ERR in")), .null,
        ]),
        .status("last"),
    ]

    @Test("reads replies however they are cut up", arguments: 1...120)
    func fragments(size: Int) throws {
        let reader = try ReplyReader()
        let bytes = Array(Self.replies.utf8)
        var read: [ValkeyValue] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try reader.read($0, into: &read) }
        }
        #expect(read == Self.values)
    }

    @Test(
        "refuses what is not the protocol",
        arguments: ["HTTP/1.1 400\r\n", "*x\r\n", "$99999999999999999999\r\n", "%1\r\n", ":1x\r\n"]
    )
    func malformed(text: String) throws {
        let reader = try ReplyReader()
        var read: [ValkeyValue] = []
        #expect(throws: ReplyReader.Malformed.self) {
            try Array(text.utf8).withUnsafeBytes { try reader.read($0, into: &read) }
        }
    }

    @Test("survives any bytes")
    func fuzz() throws {
        var random = SeededRandom(seed: 11)
        let sample = Array(Self.replies.utf8)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = sample
            for _ in 0...random.next() % 3 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let reader = try ReplyReader()
            var read: [ValkeyValue] = []
            do { try bytes.withUnsafeBytes { try reader.read($0, into: &read) } } catch { refused += 1 }
            #expect(read.count <= 40)
        }
        #expect(refused > 1_000)
    }

    @Test("turns replies into types, and says when it cannot")
    func decoding() throws {
        #expect(try [UInt8](ValkeyValue.bytes([1, 2])) == [1, 2])
        #expect(try [[UInt8]?](ValkeyValue.array([.bytes([1]), .null])) == [[1], nil])
        #expect(try [String: Int](ValkeyValue.array([.bytes([0x61]), .bytes([0x37])])) == ["a": 7])
        #expect(try Double(ValkeyValue.bytes(Array("-inf".utf8))) == -.infinity)
        #expect(try Bool(ValkeyValue.null) == false)
        #expect(throws: ValkeyError.unexpectedReply("expected an integer, got 1 bytes")) {
            try Int(ValkeyValue.bytes([0x78]))
        }
        #expect(throws: ValkeyError.unexpectedReply("expected a list, got nothing")) { try [String](ValkeyValue.null) }
        #expect(throws: ValkeyError.server(ValkeyServerError("ERR x"))) {
            try String(ValkeyValue.error(ValkeyServerError("ERR x")))
        }
        #expect(throws: ValkeyError.self) { try [String: Int](ValkeyValue.array([.integer(1)])) }
    }

    @Test(
        "refuses commands that would disturb other callers",
        arguments: ["select", "MULTI", "Subscribe", "AUTH", "quit", "HELLO", "RESET", "MONITOR", "WATCH", "ASKING", ""]
    )
    func objections(name: String) async throws {
        let client = try ValkeyClient("unix:///nowhere")
        await #expect { try await client.send(ValkeyCommand(name, "x")) } throws: {
            if case ValkeyError.invalidCommand = $0 { true } else { false }
        }
        await #expect { try await client.send(ValkeyCommand("client", "reply", "off")) } throws: {
            if case ValkeyError.invalidCommand = $0 { true } else { false }
        }
    }

    @Test(
        "hashes scripts by SHA-1",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ), (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ]
    )
    func sha1(text: String, digest: String) {
        #expect(ValkeyScript(text).sha1 == digest)
    }
}
