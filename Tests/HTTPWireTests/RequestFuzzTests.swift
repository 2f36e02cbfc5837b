import HTTPWire
import Randomness
import Testing

/// Random input with fixed seeds: nothing traps, and splitting the input changes nothing.
@Suite("Random requests")
struct RequestFuzzTests {
    private static let limits = RequestLimits(
        headBytes: 512,
        targetBytes: 128,
        headerCount: 12,
        bodyBytes: 64,
        chunkExtensionBytes: 16,
        trailerBytes: 48
    )

    private static let seeds: [String] = [
        "GET /a/b/../c%2F?q=1 HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nConnection: close, x\r\nX: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: v\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "\r\nOPTIONS * HTTP/1.1\r\nhost: [::1]:1\r\nExpect: 100-continue\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    private static let pieces: [String] = [
        "\r\n", "\r", "\n", "\r\n\r\n", " ", "\t", ":", ",", ";", "0", "1", "5", "ffff", "-1", "+5", "%00", "%2e", "%",
        "..", "/", "?", "#", "*", "\0", "\u{7F}", "\u{E9}", "Host: b\r\n", "Content-Length: 5\r\n",
        "Content-Length: 6\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "chunked", "identity",
        "Connection: keep-alive\r\n", "HTTP/1.0", "HTTP/1.1", "GET ", "POST ", "0\r\n\r\n", "5\r\nabcde\r\n", " \r\n",
    ]

    @Test("mutated from good ones give one result, however they are split", arguments: 0..<400 as Range<UInt64>)
    func mutated(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<25 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes += Array((Self.seeds.randomElement(using: &random) ?? "").utf8)
            }
            for _ in 0..<Int.random(in: 0...5, using: &random) { Self.mutate(&bytes, using: &random) }
            check(bytes, using: &random)
        }
    }

    @Test("of random bytes give one result, however they are split", arguments: 0..<100 as Range<UInt64>)
    func anyBytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<25 {
            var bytes: [UInt8] = []
            while bytes.count < 80 {
                if Bool.random(using: &random) {
                    bytes += Array((Self.pieces.randomElement(using: &random) ?? "").utf8)
                } else {
                    bytes.append(UInt8.random(in: 0...255, using: &random))
                }
            }
            check(bytes, using: &random)
            check(Array("POST / HTTP/1.1\r\nHost: a\r\n".utf8) + bytes, using: &random)
            let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            check(Array(chunked.utf8) + bytes, using: &random)
        }
    }

    private static func mutate(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: index)
        case 4: bytes.removeSubrange(index..<min(index + Int.random(in: 1...20, using: &random), bytes.count))
        default:
            let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
            bytes.replaceSubrange(index..<min(index + piece.count, bytes.count), with: piece)
        }
    }

    private func check(_ bytes: [UInt8], using random: inout SeededRandom) {
        let whole = Transcript(bytes, limits: Self.limits)
        #expect(Transcript(bytes, splitAt: bytes.indices, limits: Self.limits) == whole)
        let splits = (0..<4).compactMap { _ in bytes.indices.randomElement(using: &random) }.sorted()
        #expect(Transcript(bytes, splitAt: splits, limits: Self.limits) == whole)
        for head in whole.heads { checkFraming(head) }
    }

    /// Reads an accepted head again in the plainest way: no other reader may find another framing in it.
    private func checkFraming(_ head: RequestHead) {
        let end = head.fields.map { Int($0.value.upper) }.max() ?? 0
        let text = head.bytes[..<max(end, Int(head.target.upper))]
        #expect(!text.contains(0))
        let lines = text.split(separator: 0x0A).map { line in
            #expect(line.last == 0x0D || line.endIndex == text.endIndex)
            return String(decoding: line, as: UTF8.self).lowercased()
        }
        let lengths = lines.filter { $0.hasPrefix("content-length:") }
        let encodings = lines.filter { $0.hasPrefix("transfer-encoding:") }
        switch head.framing {
        case .none:
            #expect(lengths.isEmpty && encodings.isEmpty)
        case .contentLength(let count):
            #expect(encodings.isEmpty && lengths.count == 1)
            let digits = lengths.first?.drop { $0 != ":" }.filter(\.isWholeNumber)
            #expect(digits.flatMap { Int($0) } == count)
        case .chunked:
            #expect(lengths.isEmpty && encodings.count == 1)
            #expect(encodings.first?.contains("chunked") == true)
            #expect(head.version == .http11)
        }
        if head.version == .http11 { #expect(lines.filter { $0.hasPrefix("host:") }.count == 1) }
    }
}
