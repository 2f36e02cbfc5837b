import HTTPWire
import Testing

@Suite("Request bodies")
struct RequestBodyTests {
    private static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"

    @Test(
        "come without their chunks, however they are split",
        arguments: [
            ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
            ("00005\r\nhello\r\n000\r\n\r\n", "hello"), ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("a;name=value\r\n0123456789\r\n0;last\r\n\r\n", "0123456789"),
            ("2;n=\"quoted; \t text\"\r\nab\r\n0\r\n\r\n", "ab"), ("2 ;n\r\nab\r\n0\t;\r\n\r\n", "ab"),
            ("4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"), ("1\r\n0\r\n0\r\n\r\n", "0"),
            ("2\r\nab\r\n0\r\nX-A: b\r\nX-C:\r\nContent-Length: 5\r\n\r\n", "ab"),
        ]
    )
    func chunks(wire: String, body: String) {
        let bytes = Array((Self.chunked + wire).utf8)
        let whole = Transcript(bytes)
        #expect(whole.entries.last == .end)
        #expect(whole.body == Array(body.utf8))
        #expect(whole.consumed == bytes.count)
        for split in Transcript.allSplits(of: bytes) {
            #expect(split == whole)
            #expect(split.isBetweenRequests)
        }
    }

    @Test("follow one another on one connection")
    func pipelined() {
        let requests = [
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /",
            "\r\n\(Self.chunked)3\r\nabc\r\n0\r\nX: y\r\n\r\n",
            "POST /4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "\r\nHEAD /5 HTTP/1.1\r\nHost: a\r\n\r\n",
        ]
        let bytes = Array(requests.joined().utf8)
        let whole = Transcript(bytes)
        let paths = whole.heads.map { $0.text($0.path) }
        #expect(paths == ["/1", "/2", "/", "/4", "/5"])
        #expect(whole.entries.filter { $0 == .end }.count == 5)
        #expect(whole.body == Array("GET /abc".utf8))
        #expect(whole.consumed == bytes.count)
        for split in Transcript.allSplits(of: bytes) { #expect(split == whole) }
    }

    @Test("are handed over as they arrive")
    func arriving() throws {
        var parser = RequestParser()
        let head = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab".utf8)
        try head.withUnsafeBytes { bytes in
            let step = try parser.next(bytes)
            #expect(step.consumed == bytes.count - 2)
            let part = try parser.next(UnsafeRawBufferPointer(rebasing: bytes[step.consumed...]))
            guard case .body(0..<2) = part.event else {
                Issue.record("\(part.event)")
                return
            }
        }
        #expect(!parser.isBetweenRequests)
        try [UInt8("c"), UInt8("d"), UInt8("e")].withUnsafeBytes { bytes in
            let part = try parser.next(bytes)
            guard case .body(0..<2) = part.event else {
                Issue.record("\(part.event)")
                return
            }
            #expect(part.consumed == 2)
            guard case .end = try parser.next(bytes).event else {
                Issue.record("no end")
                return
            }
        }
        #expect(parser.isBetweenRequests)
    }

    @Test("may be limited for one route")
    func routeLimit() throws {
        #expect(throws: RequestViolation.self) { try limited("Content-Length: 11", to: 10) }
        try limited("Content-Length: 10", to: 10)
        #expect(throws: RequestViolation.self) { try limited("Transfer-Encoding: chunked", to: 10, "b\r\n") }
        #expect(throws: RequestViolation.self) {
            try limited("Transfer-Encoding: chunked", to: 10, "9\r\n123456789\r\n2\r\n")
        }
        try limited("Transfer-Encoding: chunked", to: 10, "9\r\n123456789\r\n1\r\n")
        try limited("X: no body", to: 0)
    }

    private func limited(_ line: String, to limit: Int, _ body: String = "") throws {
        var parser = RequestParser()
        let bytes = Array("POST / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n\(body)".utf8)
        try bytes.withUnsafeBytes { bytes in
            var offset = try parser.next(bytes).consumed
            do {
                try parser.limitBody(to: limit)
                while offset < bytes.count {
                    offset += try parser.next(UnsafeRawBufferPointer(rebasing: bytes[offset...])).consumed
                }
            } catch let violation as RequestViolation {
                #expect(violation.reason == .bodyTooLarge)
                #expect(violation.status == 413)
                #expect(throws: violation) { try parser.next(bytes) }
                throw violation
            }
        }
    }

    @Test(
        "that end early are noticed",
        arguments: [
            ("", false), ("G", true), ("\r\n", false), ("\r\nG", true), ("GET / HTTP/1.1\r\nHost: a\r\n", true),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na", true),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", false),
            ("\(chunked)1\r\na\r\n0\r\n\r", true), ("\(chunked)1\r\na\r\n0\r\n\r\n", false),
        ]
    )
    func truncated(text: String, isTruncated: Bool) throws {
        var parser = RequestParser()
        try Array(text.utf8).withUnsafeBytes { bytes in
            var offset = 0
            while true {
                let step = try parser.next(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                offset += step.consumed
                if case .needMore = step.event { break }
            }
        }
        if isTruncated {
            let violation = #expect(throws: RequestViolation.self) { try parser.endOfInput() }
            #expect(violation?.reason == .truncated)
        } else {
            try parser.endOfInput()
        }
    }
}

extension UInt8 {
    fileprivate init(_ character: Unicode.Scalar) {
        self.init(ascii: character)
    }
}
