import HTTPWire
import Testing

@Suite("Request limits")
struct RequestLimitTests {
    private static let small = RequestLimits(
        headBytes: 128,
        targetBytes: 20,
        headerCount: 4,
        bodyBytes: 10,
        chunkExtensionBytes: 5,
        trailerBytes: 12
    )
    private static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(
        "are met exactly, however the bytes are split",
        arguments: [
            (head(fieldBytes: 128), nil), (head(fieldBytes: 129), .headTooLarge),
            ("GET /\(a(19)) HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            ("GET /\(a(20)) HTTP/1.1\r\nHost: a\r\n\r\n", .targetTooLong),
            // A request line that does not end within the head's limit can only be too long.
            ("GET /\(a(200)) HTTP/1.1\r\nHost: a\r\n\r\n", .targetTooLong), (a(200), .targetTooLong),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", .tooManyFields),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890", nil),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", .bodyTooLarge),
            ("\(chunked)a\r\n1234567890\r\n0\r\n\r\n", nil), ("\(chunked)b\r\n", .bodyTooLarge),
            ("\(chunked)5\r\n12345\r\n6\r\n", .bodyTooLarge),
            ("\(chunked)1;ab\r\n1\r\n1;a\r\n1\r\n0\r\n\r\n", nil),
            ("\(chunked)1;ab\r\n1\r\n1;ab\r\n1\r\n0\r\n\r\n", .chunkExtensionsTooLarge),
            ("\(chunked)0\r\nA: 1\r\nB: 2\r\n\r\n", nil),
            ("\(chunked)0\r\nA: 1\r\nB: 23\r\n\r\n", .trailersTooLarge),
        ] as [(String, RequestViolation.Reason?)]
    )
    func exact(text: String, expected: RequestViolation.Reason?) {
        let bytes = Array(text.utf8)
        let whole = Transcript(bytes, limits: Self.small)
        #expect(whole.violation == expected)
        if expected == nil { #expect(whole.entries.last == .end) }
        for split in Transcript.allSplits(of: bytes, limits: Self.small) { #expect(split == whole) }
    }

    private static func a(_ count: Int) -> String { String(repeating: "a", count: count) }

    private static func head(fieldBytes count: Int) -> String {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        return start + a(count - start.utf8.count - 4) + "\r\n\r\n"
    }

    @Test("are brought within their range")
    func range() {
        let limits = RequestLimits(
            headBytes: .max,
            targetBytes: -1,
            headerCount: 0,
            bodyBytes: -5,
            chunkExtensionBytes: -1,
            trailerBytes: -1
        )
        #expect(limits.headBytes == 16 << 20)
        #expect(limits.targetBytes == 1)
        #expect(limits.headerCount == 1)
        #expect(limits.bodyBytes == 0)
        #expect(limits.chunkExtensionBytes == 0)
        #expect(limits.trailerBytes == 0)
    }

    @Test("let a head come byte by byte at a cost that grows with its length only")
    func byteByByte() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX: " + Self.a(1 << 20) + "\r\n\r\n"
        let bytes = Array(text.utf8)
        var parser = RequestParser(limits: RequestLimits(headBytes: 2 << 20))
        var heads = 0
        let duration = try bytes.withUnsafeBytes { bytes in
            try ContinuousClock().measure {
                for end in 1...bytes.count {
                    if case .head = try parser.next(UnsafeRawBufferPointer(rebasing: bytes[..<end])).event {
                        heads += 1
                    }
                }
            }
        }
        #expect(heads == 1)
        // It takes a tenth of a second; to look at all bytes again each time would take minutes.
        #expect(duration < .seconds(20))
    }
}
