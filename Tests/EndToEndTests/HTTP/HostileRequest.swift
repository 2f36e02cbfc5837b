/// Bytes that no well-meaning client sends, and what must come of them.
struct HostileRequest: Sendable {
    let name: String
    let bytes: [UInt8]
    /// The status that is answered before the connection is closed; nil where it is closed without a word.
    let status: Int?

    init(_ name: String, _ text: String, _ status: Int? = 400) {
        self.name = name
        bytes = Array(text.utf8)
        self.status = status
    }

    /// A GET with these lines behind its Host, and a second request hidden behind it.
    static func fields(_ name: String, _ lines: String, _ status: Int = 400) -> Self {
        Self(name, "GET /hello HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(hidden)", status)
    }

    /// A POST with these lines and this body, and a second request hidden behind it.
    static func post(_ name: String, _ lines: String, _ body: String, _ status: Int = 400) -> Self {
        Self(name, "POST /echo HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)\(hidden)", status)
    }

    static func chunks(_ name: String, _ body: String, _ status: Int = 400) -> Self {
        post(name, "Transfer-Encoding: chunked", body, status)
    }

    static func target(_ target: String, _ status: Int = 400) -> Self {
        Self("target \(target.prefix(40))", "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", status)
    }

    /// What a smuggler wants to have answered.
    static let hidden = "GET /hello?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
}

extension HostileRequest {
    /// Requests whose end two parsers may see in different places (RFC 9112 §11.2).
    static let smuggling: [HostileRequest] = [
        .post("both framings", "Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        .post("both framings, turned round", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
        .post("two lengths", "Content-Length: 0\r\nContent-Length: 5", "abcde"),
        .post("two equal lengths", "Content-Length: 5\r\nContent-Length: 5", "abcde"),
        .post("a list of lengths", "Content-Length: 5, 5", "abcde"),
        .post("a negative length", "Content-Length: -5", "abcde"),
        .post("a length with a plus", "Content-Length: +5", "abcde"),
        .post("a hexadecimal length", "Content-Length: 0x5", "abcde"),
        .post("an empty length", "Content-Length:", "abcde"),
        .post("a length with a space within", "Content-Length: 1 0", "abcde"),
        .post("a length and its unit", "Content-Length: 5b", "abcde"),
        .post("a length before a space", "Content-Length : 5", "abcde"),
        .post("chunked before a space", "Transfer-Encoding : chunked", "0\r\n\r\n"),
        .post("chunked before a tab", "Transfer-Encoding\t: chunked", "0\r\n\r\n"),
        .post("almost chunked", "Transfer-Encoding: xchunked", "0\r\n\r\n"),
        .post("chunked twice", "Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
        .post("chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        .post("chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
        .post("chunked in quotes", "Transfer-Encoding: \"chunked\"", "0\r\n\r\n"),
        .post("chunked with a parameter", "Transfer-Encoding: chunked;a=b", "0\r\n\r\n"),
        .post("chunked behind a vertical tab", "Transfer-Encoding: \u{0B}chunked", "0\r\n\r\n"),
        .post("chunked on a folded line", "Transfer-Encoding:\r\n chunked", "0\r\n\r\n"),
        .post("gzip before chunked", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n", 501),
        .post("a length behind CR", "X: y\rContent-Length: 5", "abcde"),
        .post("a length behind LF", "X: y\nContent-Length: 5", "abcde"),
        HostileRequest(
            "chunked on HTTP/1.0",
            "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)"
        ),
    ]

    /// Request lines.
    static let requestLines: [HostileRequest] = [
        HostileRequest("a TLS hello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}"),
        HostileRequest("HTTP/0.9", "GET /hello\r\n\r\n"),
        HostileRequest("HTTP/2 by its preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        HostileRequest("HTTP/3.0", "GET /hello HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        HostileRequest("a version in small letters", "GET /hello http/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        HostileRequest("two spaces", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest("tabs", "GET\t/hello\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest("a space first", " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest("NUL first", "\0GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest("LF for CR LF", "GET /hello HTTP/1.1\nHost: a\n\n"),
        HostileRequest("CR for CR LF", "GET /hello HTTP/1.1\rHost: a\r\r"),
        HostileRequest("many empty lines", "\r\n\r\n\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest("a method that is no token", "GE(T /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
        HostileRequest(
            "a long method",
            "\(String(repeating: "M", count: 40)) /hello HTTP/1.1\r\nHost: a\r\n\r\n",
            501
        ),
        HostileRequest("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        HostileRequest("NUL in the target", "GET /hel\0lo HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    /// Targets and their encodings.
    static let targets: [HostileRequest] = [
        .target("hello"), .target("/hello#part"), .target("/\u{E9}"), .target("/a\"b"), .target("/<script>"),
        .target("/a\\b"), .target("*"), .target("ftp://a/hello"), .target("http://user@a/hello"), .target("/%"),
        .target("/%zz"), .target("/a%2"), .target("/%00"), .target("/.."), .target("/../../etc/passwd"),
        .target("/%2e%2e/etc/passwd"),
        .target("/\(String(repeating: "a", count: 9_000))", 414),
        .target("/hello?\(String(repeating: "a", count: 9_000))", 414),
        HostileRequest("an endless target", "GET /" + String(repeating: "a", count: 40_000), 414),
    ]

    /// Fields.
    static let fields: [HostileRequest] = [
        HostileRequest("no host", "GET /hello HTTP/1.1\r\n\r\n"),
        HostileRequest("two hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        HostileRequest("a host with a path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        HostileRequest("a host with a user", "GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        HostileRequest("a port beyond the last", "GET /hello HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
        .fields("a folded line", "X-A: b\r\n c"),
        .fields("a name with a space", "X A: b"),
        .fields("no name", ": b"),
        .fields("no colon", "X-A"),
        .fields("a name not in ASCII", "X-\u{C4}: b"),
        .fields("NUL in a value", "X-A: b\0c"),
        .fields("an escape in a value", "X-A: \u{1B}[2J"),
        .fields("an expectation nobody meets", "Expect: 200-ok", 417),
        .fields("a hundred and one fields", (1...100).map { "X-\($0): a" }.joined(separator: "\r\n"), 431),
        .fields("one large field", "X-A: " + String(repeating: "a", count: 17_000), 431),
        .fields(
            "many large fields",
            (1...20).map { "X-\($0): " + String(repeating: "a", count: 1_000) }
                .joined(separator: "\r\n"),
            431
        ),
        HostileRequest(
            "an endless head",
            "GET /hello HTTP/1.1\r\nHost: a\r\nX-A: " + String(repeating: "a", count: 200_000),
            431
        ),
    ]

    /// Bodies.
    static let bodies: [HostileRequest] = [
        .chunks("no size", "\r\n"), .chunks("a size that is no number", "x\r\n"), .chunks("a negative size", "-1\r\n"),
        .chunks("a size with 0x", "0x1\r\na\r\n0\r\n\r\n"), .chunks("a space before the size", " 1\r\na\r\n0\r\n\r\n"),
        .chunks("a size that overflows", "ffffffffffffffff1\r\na"),
        .chunks("the largest size", "fffffffffffffff\r\n", 413),
        .chunks("LF behind the size", "1\na\r\n0\r\n\r\n"), .chunks("LF in an extension", "1;a\n\r\na\r\n0\r\n\r\n"),
        .chunks("more data than its size", "1\r\nab\r\n0\r\n\r\n"), .chunks("LF behind data", "1\r\na\n0\r\n\r\n"),
        .chunks("a trailer without colon", "0\r\nX-A\r\n\r\n"),
        .chunks("a request for a trailer", "0\r\n\(hidden)"),
        .chunks("too long an extension", "1;\(String(repeating: "a", count: 17_000))\r\na\r\n0\r\n\r\n"),
        .chunks("too long a trailer", "0\r\nX-A: \(String(repeating: "a", count: 9_000))\r\n\r\n", 431),
        .post("a length beyond the limit", "Content-Length: 100001", "abcde", 413),
        .post("a length beyond 64 bits", "Content-Length: 18446744073709551621", "abcde", 413),
        .chunks("chunks beyond the limit", "c350\r\n\(String(repeating: "a", count: 50_000))\r\nc351\r\n", 413),
    ]
}
