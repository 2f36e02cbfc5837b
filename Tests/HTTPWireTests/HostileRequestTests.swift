import HTTPWire
import Testing

/// A request that must be refused, and how.
struct HostileRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let reason: RequestViolation.Reason
    let status: Int

    init(_ name: String, _ text: String, _ reason: RequestViolation.Reason, _ status: Int = 400) {
        self.init(name, bytes: Array(text.utf8), reason, status)
    }

    init(_ name: String, bytes: [UInt8], _ reason: RequestViolation.Reason, _ status: Int = 400) {
        self.name = name
        self.bytes = bytes
        self.reason = reason
        self.status = status
    }

    /// A GET with these lines behind its Host.
    static func field(_ name: String, _ lines: String, _ reason: RequestViolation.Reason, _ status: Int = 400) -> Self {
        Self(name, "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", reason, status)
    }

    /// A GET for this target.
    static func target(_ target: String, _ reason: RequestViolation.Reason, _ status: Int = 400) -> Self {
        Self("target \(target)", "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", reason, status)
    }

    /// A GET with this Host.
    static func host(_ host: String) -> Self {
        Self("host \(host)", "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", .invalidHost)
    }

    /// A chunked POST with this body.
    static func chunks(_ name: String, _ body: String, _ reason: RequestViolation.Reason, _ status: Int = 400) -> Self {
        Self(name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)", reason, status)
    }

    var testDescription: String { name }
}

@Suite("Hostile requests")
struct HostileRequestTests {
    @Test("are refused with the right status, however they are split", arguments: HostileRequest.all)
    func refused(request: HostileRequest) {
        let whole = Transcript(request.bytes)
        #expect(whole.violation == request.reason)
        for split in Transcript.allSplits(of: request.bytes) { #expect(split == whole) }

        var parser = RequestParser()
        let error = #expect(throws: RequestViolation.self) { try parse(request.bytes, with: &parser) }
        #expect(error?.status == request.status)
        #expect(error?.description.isEmpty == false)
        // Whatever follows is refused as well: nobody knows where a request would begin.
        let next = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(throws: RequestViolation.self) { try parse(next, with: &parser) }
    }

    private func parse(_ bytes: [UInt8], with parser: inout RequestParser) throws {
        try bytes.withUnsafeBytes { bytes in
            var offset = 0
            while true {
                let step = try parser.next(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                offset += step.consumed
                if case .needMore = step.event { return }
            }
        }
    }
}

extension HostileRequest {
    static let all: [HostileRequest] =
        requestLines + targets + fields + hosts + contentLengths + transferEncodings + chunks

    private static let requestLines: [HostileRequest] = [
        HostileRequest("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n", .malformedRequestLine),
        HostileRequest("empty line and space first", "\r\n GET / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed),
        HostileRequest("CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareCarriageReturn),
        HostileRequest("space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("NUL first", "\0GET / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("a TLS hello", bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], .tlsOnPlainPort),
        HostileRequest("a byte-order mark first", "\u{FEFF}GET / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("HTTP/0.9", "GET /\r\n", .malformedRequestLine),
        HostileRequest("a method alone", "GET\r\n\r\n", .invalidMethod),
        HostileRequest("a method and a space", "GET \r\n\r\n", .malformedRequestLine),
        HostileRequest("two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("two spaces behind the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("tabs for spaces", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("a tab behind the target", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("no token as method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("a colon in the method", "GET: / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest("a method not in ASCII", "G\u{C9}T / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        HostileRequest(
            "a long method",
            "\(String(repeating: "M", count: 33)) / HTTP/1.1\r\nHost: a\r\n\r\n",
            .methodTooLong,
            501
        ),
        HostileRequest("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .connectNotSupported, 501),
        HostileRequest("CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", .connectNotSupported, 501),
        HostileRequest("HTTP/2 by its preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion, 505),
        HostileRequest("HTTP/0.9 by name", "GET / HTTP/0.9\r\n\r\n", .unsupportedVersion, 505),
        HostileRequest("HTTP/3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", .unsupportedVersion, 505),
        HostileRequest("a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("a version of three digits", "GET / HTTP/1.11\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("a version without minor", "GET / HTTP/1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("a version with a comma", "GET / HTTP/1,1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        HostileRequest("another protocol", "GET / RTSP/1.0\r\n\r\n", .malformedRequestLine),
        HostileRequest("LF for CR LF", "GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed),
        HostileRequest("CR for CR LF", "GET / HTTP/1.1\rHost: a\r\r", .bareCarriageReturn),
        HostileRequest("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .controlCharacter),
        HostileRequest("DEL in the target", "GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", .controlCharacter),
    ]

    private static let targets: [HostileRequest] = [
        .target("a", .invalidTarget), .target("?a", .invalidTarget), .target("//a#b", .invalidTarget),
        .target("/a#b", .invalidTarget), .target("/a?b#c", .invalidTarget), .target("/\u{E9}", .invalidTarget),
        .target("/a?\u{E9}", .invalidTarget), .target("/a\"b", .invalidTarget), .target("/<a>", .invalidTarget),
        .target("/a\\b", .invalidTarget), .target("/{a}", .invalidTarget), .target("/`a`", .invalidTarget),
        .target("/?\"", .invalidTarget), .target("/?<", .invalidTarget), .target("*", .asteriskWithoutOptions),
        .target("**", .invalidTarget), .target("*/", .invalidTarget), .target("a:443", .invalidTarget),
        .target("ftp://a/", .invalidTarget), .target("http:/a", .invalidTarget), .target("http://", .invalidTarget),
        .target("http:///a", .invalidHost), .target("http://?a", .invalidHost), .target("http://a:b/", .invalidHost),
        .target("http://user@a/", .invalidHost), .target("http://a:99999/", .invalidHost),
        .target("https://", .invalidTarget), .target("http://a b/", .malformedRequestLine),
        .target("/%", .invalidPercentEncoding), .target("/%4", .invalidPercentEncoding),
        .target("/%zz", .invalidPercentEncoding), .target("/a%2", .invalidPercentEncoding),
        .target("/%+1", .invalidPercentEncoding), .target("/%2/f", .invalidPercentEncoding),
        .target("/%u0041", .invalidPercentEncoding), .target("/%00", .encodedNUL), .target("/a%00.html", .encodedNUL),
        .target("/..", .pathAboveRoot), .target("/../a", .pathAboveRoot), .target("/a/../..", .pathAboveRoot),
        .target("/%2e%2e/a", .pathAboveRoot), .target("/.%2E/a", .pathAboveRoot), .target("/./..", .pathAboveRoot),
        .target("http://a/../b", .pathAboveRoot),
        .target("/\(String(repeating: "a", count: 8_192))", .targetTooLong, 414),
    ]

    private static let fields: [HostileRequest] = [
        .field("a space before the colon", "X-A : b", .whitespaceBeforeColon),
        .field("a tab before the colon", "X-A\t: b", .whitespaceBeforeColon),
        .field("a folded line", "X-A: b\r\n c", .foldedLine),
        .field("a line folded by a tab", "X-A: b\r\n\tc", .foldedLine),
        HostileRequest("a folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedLine),
        .field("a line of spaces", "   ", .foldedLine),
        .field("no name", ": b", .emptyFieldName),
        .field("no colon", "X-A", .missingColon),
        .field("a space in a name", "X A: b", .whitespaceBeforeColon),
        .field("brackets in a name", "X[A]: b", .invalidFieldName),
        .field("a name not in ASCII", "X-\u{C4}: b", .invalidFieldName),
        .field("a quote in a name", "\"X\": b", .invalidFieldName),
        .field("NUL in a name", "X\0A: b", .controlCharacter),
        .field("NUL in a value", "X-A: b\0c", .controlCharacter),
        .field("ESC in a value", "X-A: \u{1B}[2J", .controlCharacter),
        .field("DEL in a value", "X-A: \u{7F}", .controlCharacter),
        .field("CR in a value", "X-A: b\rX-B: c", .bareCarriageReturn),
        .field("LF in a value", "X-A: b\nX-B: c", .bareLineFeed),
        .field("CR before CR LF", "X-A: b\r", .bareCarriageReturn),
        .field("vertical tab in a value", "X-A: b\u{0B}", .controlCharacter),
        .field("another expectation", "Expect: 200-ok", .expectationFailed, 417),
        .field("two expectations", "Expect: 100-continue, x", .expectationFailed, 417),
        .field("a connection option that is no token", "Connection: close, a b", .invalidConnection),
        .field(
            "more than a hundred fields",
            (1...100).map { "X-\($0): a" }.joined(separator: "\r\n"),
            .tooManyFields,
            431
        ),
    ]

    private static let hosts: [HostileRequest] = [
        HostileRequest("no host", "GET / HTTP/1.1\r\n\r\n", .missingHost),
        HostileRequest("no host with an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        HostileRequest("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost),
        HostileRequest("two hosts on HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", .repeatedHost),
        .host(""), .host("a b"), .host("a, b"), .host("a/b"), .host("user@a"), .host("a:b"), .host("a:65536"),
        .host("a:1:2"), .host(":80"), .host("[::1"), .host("[]"), .host("[::1]a"), .host("[g::]"), .host("a?b"),
        .host("a#b"), .host("a%2"), .host("a%00"), .host("a%0A"), .host("\u{E4}"), .host("a\\b"), .host("::1"),
        .host("a:-1"),
    ]

    private static let contentLengths: [HostileRequest] = [
        .field("two equal lengths", "Content-Length: 1\r\nContent-Length: 1", .repeatedContentLength),
        .field("two lengths", "Content-Length: 1\r\ncontent-length: 2", .repeatedContentLength),
        .field("a list of equal lengths", "Content-Length: 1, 1", .invalidContentLength),
        .field("an empty length", "Content-Length:", .invalidContentLength),
        .field("a negative length", "Content-Length: -1", .invalidContentLength),
        .field("a length with a plus", "Content-Length: +1", .invalidContentLength),
        .field("a hexadecimal length", "Content-Length: 0x1", .invalidContentLength),
        .field("a length with a fraction", "Content-Length: 1.0", .invalidContentLength),
        .field("a length with a space within", "Content-Length: 1 1", .invalidContentLength),
        .field("a length with an underscore", "Content-Length: 1_0", .invalidContentLength),
        .field("a length in other digits", "Content-Length: \u{0661}", .invalidContentLength),
        .field("a length beyond the limit", "Content-Length: 6291457", .bodyTooLarge, 413),
        .field("a length beyond 64 bits", "Content-Length: 18446744073709551617", .bodyTooLarge, 413),
        .field("a length of 40 digits", "Content-Length: \(String(repeating: "9", count: 40))", .bodyTooLarge, 413),
        .field("a length beyond 64 bits, and a letter", "Content-Length: 99999999999999999999a", .invalidContentLength),
    ]

    private static let transferEncodings: [HostileRequest] = [
        .field("both framings", "Content-Length: 5\r\nTransfer-Encoding: chunked", .conflictingFraming),
        .field("both framings, turned round", "Transfer-Encoding: chunked\r\nContent-Length: 0", .conflictingFraming),
        .field("both framings, one unknown", "Transfer-Encoding: x\r\nContent-Length: 0", .conflictingFraming),
        .field("gzip before chunked", "Transfer-Encoding: gzip, chunked", .unknownTransferEncoding, 501),
        .field(
            "gzip and chunked in two fields",
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
            .unknownTransferEncoding,
            501
        ),
        .field("chunked before gzip", "Transfer-Encoding: chunked, gzip", .invalidTransferEncoding),
        .field("gzip alone", "Transfer-Encoding: gzip", .invalidTransferEncoding),
        .field("identity", "Transfer-Encoding: identity", .invalidTransferEncoding),
        .field("chunked twice", "Transfer-Encoding: chunked, chunked", .invalidTransferEncoding),
        .field(
            "chunked in two fields",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            .invalidTransferEncoding
        ),
        .field(
            "chunked, then nothing",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding:",
            .invalidTransferEncoding
        ),
        .field("an empty coding", "Transfer-Encoding:", .invalidTransferEncoding),
        .field("a comma alone", "Transfer-Encoding: ,", .invalidTransferEncoding),
        .field("almost chunked", "Transfer-Encoding: xchunked", .invalidTransferEncoding),
        .field("chunked with a parameter", "Transfer-Encoding: chunked;q=1", .invalidTransferEncoding),
        .field("chunked in quotes", "Transfer-Encoding: \"chunked\"", .invalidTransferEncoding),
        .field("chunked behind a control", "Transfer-Encoding: \u{0B}chunked", .controlCharacter),
        .field("chunked before the colon's space", "Transfer-Encoding : chunked", .whitespaceBeforeColon),
        HostileRequest(
            "chunked on HTTP/1.0",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            .transferEncodingOnHTTP10
        ),
    ]

    private static let chunks: [HostileRequest] = [
        .chunks("no size", "\r\n", .invalidChunkSize),
        .chunks("a size that is no number", "x\r\n", .invalidChunkSize),
        .chunks("a negative size", "-1\r\n", .invalidChunkSize),
        .chunks("a size with a plus", "+1\r\n", .invalidChunkSize),
        .chunks("a size with 0x", "0x1\r\n", .invalidChunkSize),
        .chunks("a space before the size", " 1\r\na\r\n", .invalidChunkSize),
        .chunks("a space behind the size", "1 \r\na\r\n", .invalidChunkExtension),
        .chunks("text behind the size", "1 a\r\na\r\n", .invalidChunkExtension),
        .chunks("a size of 16 digits", "0000000000000001\r\na\r\n", .invalidChunkSize),
        .chunks("a size that overflows", "ffffffffffffffff1\r\n", .invalidChunkSize),
        .chunks("the largest size", "fffffffffffffff\r\n", .bodyTooLarge, 413),
        .chunks("a size beyond the limit", "600001\r\n", .bodyTooLarge, 413),
        .chunks("LF behind the size", "1\na\r\n", .invalidChunkSize),
        .chunks("CR behind the size", "1\ra\r\n", .bareCarriageReturn),
        .chunks("LF in an extension", "1;a\na\r\n", .invalidChunkExtension),
        .chunks("NUL in an extension", "1;\0\r\na\r\n", .invalidChunkExtension),
        .chunks("CR in an extension", "1;a\rb\r\na\r\n", .bareCarriageReturn),
        .chunks("too long an extension", "1;\(String(repeating: "a", count: 16_384))", .chunkExtensionsTooLarge),
        .chunks("more data than the size", "1\r\nab\r\n", .missingChunkEnd),
        .chunks("data without its end", "1\r\na0\r\n\r\n", .missingChunkEnd),
        .chunks("LF behind data", "1\r\na\n0\r\n\r\n", .missingChunkEnd),
        .chunks("CR behind data", "1\r\na\r0\r\n\r\n", .missingChunkEnd),
        .chunks("a trailer without colon", "0\r\nX-A\r\n\r\n", .invalidTrailer),
        .chunks("a trailer without name", "0\r\n: a\r\n\r\n", .invalidTrailer),
        .chunks("a folded trailer", "0\r\nX-A: b\r\n c\r\n\r\n", .invalidTrailer),
        .chunks("a space in a trailer's name", "0\r\nX A: b\r\n\r\n", .invalidTrailer),
        .chunks("LF in a trailer", "0\r\nX-A: b\n\r\n", .invalidTrailer),
        .chunks("CR in a trailer", "0\r\nX-A: b\rc\r\n", .invalidTrailer),
        .chunks("NUL in a trailer", "0\r\nX-A: \0\r\n\r\n", .invalidTrailer),
        .chunks("a request for a trailer", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTrailer),
        .chunks("too long a trailer", "0\r\nX-A: \(String(repeating: "a", count: 8_192))", .trailersTooLarge, 431),
        .chunks("CR without LF at the end", "0\r\n\rG", .bareCarriageReturn),
        .chunks("LF at the end", "0\r\n\n", .invalidTrailer),
    ]
}
