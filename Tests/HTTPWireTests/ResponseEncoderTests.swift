import HTTPWire
import Testing

@Suite("Responses")
struct ResponseEncoderTests {
    private static let date = Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8)

    private func encode(
        _ status: Int,
        _ length: ResponseLength,
        _ terms: ResponseTerms = ResponseTerms(keepsAlive: true),
        fields: [(String, String)] = [],
        parts: [String] = []
    ) throws -> (text: String, encoder: ResponseEncoder) {
        var output = Array("before|".utf8)
        var encoder = try ResponseEncoder(status: status, length: length, terms: terms, date: Self.date, into: &output)
        for (name, value) in fields { try field(name, value, &encoder, &output) }
        encoder.endHead(into: &output)
        for part in parts { try Array(part.utf8).withUnsafeBytes { try encoder.body($0, into: &output) } }
        try encoder.end(into: &output)
        var text = String(decoding: output, as: UTF8.self)
        #expect(text.hasPrefix("before|HTTP/1.1 "))
        text.removeFirst("before|HTTP/1.1 ".count)
        return (text.replacing("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", with: ""), encoder)
    }

    private func field(
        _ name: String,
        _ value: String,
        _ encoder: inout ResponseEncoder,
        _ output: inout [UInt8]
    ) throws {
        try Array(name.utf8).withUnsafeBytes { name in
            try Array(value.utf8).withUnsafeBytes { try encoder.field(name, $0, into: &output) }
        }
    }

    @Test("say when they were made")
    func date() throws {
        var output: [UInt8] = []
        let terms = ResponseTerms(keepsAlive: true)
        _ = try ResponseEncoder(status: 200, length: .streamed, terms: terms, date: Self.date, into: &output)
        #expect(output == Array("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n".utf8))
    }

    @Test("of known length have a Content-Length")
    func known() throws {
        let (text, encoder) = try encode(
            200,
            .known(5),
            fields: [("Content-Type", "text/plain"), ("X-Empty", "")],
            parts: ["hel", "", "lo"]
        )
        #expect(text == "200 OK\r\nContent-Type: text/plain\r\nX-Empty: \r\nContent-Length: 5\r\n\r\nhello")
        #expect(encoder.framing == .contentLength(5))
        #expect(encoder.keepsAlive)
        #expect(try encode(404, .known(0)).text == "404 Not Found\r\nContent-Length: 0\r\n\r\n")
        #expect(try encode(299, .known(0)).text == "299 \r\nContent-Length: 0\r\n\r\n")
    }

    @Test("in parts are chunked on HTTP/1.1 and end with the connection on HTTP/1.0")
    func streamed() throws {
        let parts = ["hello", "", String(repeating: "x", count: 26)]
        let (text, encoder) = try encode(200, .streamed, parts: parts)
        #expect(
            text == "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1A\r\n\(parts[2])\r\n0\r\n\r\n"
        )
        #expect(encoder.framing == .chunked)
        let old = try encode(200, .streamed, ResponseTerms(version: .http10, keepsAlive: true), parts: parts)
        #expect(old.text == "200 OK\r\nConnection: close\r\n\r\nhello\(parts[2])")
        #expect(old.encoder.framing == .untilClose)
        #expect(!old.encoder.keepsAlive)
    }

    @Test("in parts keep the length that the handler announced")
    func announced() throws {
        let fields = [("content-length", "6")]
        let (text, encoder) = try encode(200, .streamed, fields: fields, parts: ["abc", "def"])
        #expect(text == "200 OK\r\nContent-Length: 6\r\n\r\nabcdef")
        #expect(encoder.framing == .contentLength(6))
        #expect(throws: ResponseViolation.bodyTooShort) {
            try encode(200, .streamed, fields: fields, parts: ["abc"])
        }
        #expect(throws: ResponseViolation.bodyTooLong) {
            try encode(200, .streamed, fields: fields, parts: ["abc", "defg"])
        }
        #expect(throws: ResponseViolation.bodyTooShort) { try encode(200, .known(1)) }
    }

    @Test("say whether the connection goes on")
    func connection() throws {
        let length = "Content-Length: 0\r\n"
        let cases: [(HTTPVersion, Bool, String)] = [
            (.http11, true, ""), (.http11, false, "Connection: close\r\n"),
            (.http10, true, "Connection: keep-alive\r\n"), (.http10, false, "Connection: close\r\n"),
        ]
        for (version, keepsAlive, line) in cases {
            let terms = ResponseTerms(version: version, keepsAlive: keepsAlive)
            let (text, encoder) = try encode(200, .known(0), terms)
            #expect(text == "200 OK\r\n\(length)\(line)\r\n")
            #expect(encoder.keepsAlive == keepsAlive)
        }
    }

    @Test(
        "have no body where none may be",
        arguments: [
            (204, false, .known(3), nil, ""), (204, false, .streamed, "3", ""), (204, true, .known(0), nil, ""),
            (304, false, .known(3), nil, ""), (304, false, .streamed, nil, ""), (304, false, .known(0), "9", "9"),
            (205, false, .known(3), nil, "0"), (205, false, .streamed, "3", "0"),
            (200, true, .known(3), nil, "3"), (200, true, .streamed, nil, ""), (200, true, .known(0), "7", "7"),
            (200, true, .streamed, "7", "7"), (404, true, .known(3), nil, "3"),
        ] as [(Int, Bool, ResponseLength, String?, String)]
    )
    func bodiless(status: Int, isHead: Bool, length: ResponseLength, declared: String?, expected: String) throws {
        let terms = ResponseTerms(isHead: isHead, keepsAlive: true)
        let fields = declared.map { [("Content-Length", $0)] } ?? []
        let (text, encoder) = try encode(status, length, terms, fields: fields, parts: ["abc"])
        let line = expected.isEmpty ? "" : "Content-Length: \(expected)\r\n"
        #expect(text == "\(status) \(ReasonPhrase.of(status))\r\n\(line)\r\n")
        #expect(encoder.framing == .none)
        #expect(encoder.keepsAlive)
    }

    @Test("drop the fields that are the encoder's own")
    func ownFields() throws {
        let names = [
            "Date", "connection", "Keep-Alive", "TRANSFER-ENCODING", "TE", "Trailer", "Upgrade", "Proxy-Connection",
        ]
        let (text, _) = try encode(200, .known(0), fields: names.map { ($0, "x") } + [("Etag", "y")])
        #expect(text == "200 OK\r\nEtag: y\r\nContent-Length: 0\r\n\r\n")
    }

    @Test(
        "refuse fields that would break out, and leave the output as it was",
        arguments: [
            ("", "a", .invalidFieldName), ("a b", "a", .invalidFieldName), ("a:", "a", .invalidFieldName),
            ("a\r\nb", "a", .invalidFieldName), ("\u{E9}", "a", .invalidFieldName),
            ("a", "b\r\nSet-Cookie: x", .invalidFieldValue), ("a", "b\n", .invalidFieldValue),
            ("a", "b\r", .invalidFieldValue), ("a", "\0", .invalidFieldValue), ("a", "\u{7F}", .invalidFieldValue),
            ("a", "twenty bytes before it\n", .invalidFieldValue), ("Date", "a\r\n", .invalidFieldValue),
            ("Content-Length", "6", .invalidContentLength), ("Content-Length", "x", .invalidContentLength),
            ("Content-Length", "", .invalidContentLength), ("Content-Length", "-5", .invalidContentLength),
            ("Content-Length", "9999999999999999999", .invalidContentLength),
        ] as [(String, String, ResponseViolation)]
    )
    func invalidFields(name: String, value: String, expected: ResponseViolation) throws {
        var output = Array("before".utf8)
        let terms = ResponseTerms(keepsAlive: true)
        var encoder = try ResponseEncoder(status: 200, length: .known(5), terms: terms, date: Self.date, into: &output)
        try field("X-Fine", "tab\tand \u{E9}", &encoder, &output)
        #expect(throws: expected) { try field(name, value, &encoder, &output) }
        #expect(output == Array("before".utf8))
    }

    @Test("refuse a second Content-Length")
    func repeatedLength() {
        let fields = [("Content-Length", "5"), ("content-length", "5")]
        #expect(throws: ResponseViolation.invalidContentLength) {
            try encode(200, .known(5), fields: fields, parts: ["abcde"])
        }
    }

    @Test("have a final status", arguments: [-1, 0, 100, 101, 199, 600, 999, 1_000])
    func invalidStatus(status: Int) {
        #expect(throws: ResponseViolation.invalidStatus(status)) { try encode(status, .known(0)) }
    }

    @Test("leave the part itself to the caller where it asks for that")
    func separateParts() throws {
        var output: [UInt8] = []
        let terms = ResponseTerms(keepsAlive: true)
        var encoder = try ResponseEncoder(status: 200, length: .streamed, terms: terms, date: Self.date, into: &output)
        encoder.endHead(into: &output)
        output = []
        #expect(try encoder.beginPart(count: 255, into: &output))
        encoder.endPart(into: &output)
        #expect(try !encoder.beginPart(count: 0, into: &output))
        #expect(output == Array("FF\r\n\r\n".utf8))
    }

    @Test("are read back by the rules for requests")
    func chunksRoundTrip() throws {
        let parts = (1...40).map { String(repeating: "x", count: $0 * $0) }
        let (text, _) = try encode(200, .streamed, parts: parts)
        let wire = try #require(text.split(separator: "\r\n\r\n", maxSplits: 1).last)
        let request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(wire)"
        let transcript = Transcript(request)
        #expect(transcript.body == Array(parts.joined().utf8))
        #expect(transcript.entries.last == .end)
    }
}
