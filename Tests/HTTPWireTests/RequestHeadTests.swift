import HTTPWire
import Testing

@Suite("Request heads")
struct RequestHeadTests {
    private func head(_ text: String) throws -> RequestHead {
        let transcript = Transcript(text)
        #expect(transcript.violation == nil)
        return try #require(transcript.heads.first)
    }

    @Test("give each part where it stands")
    func parts() throws {
        let head = try head(
            "POST /a/b%2Fc?x=1&y=%zz HTTP/1.1\r\nHost: shop.example:8080\r\nX-Request-ID: r1\r\nContent-Length: 2\r\n"
                + "traceparent: t\r\ntracestate: s\r\nidempotency-KEY: k\r\nEmpty:\r\nPadded: \t a b \t\r\n\r\nhi"
        )
        #expect(head.text(head.method) == "POST")
        #expect(head.text(head.target) == "/a/b%2Fc?x=1&y=%zz")
        #expect(head.text(head.rawPath) == "/a/b%2Fc")
        #expect(head.text(head.path) == "/a/b%2Fc")
        #expect(head.text(head.query) == "x=1&y=%zz")
        #expect(head.text(head.authority) == "shop.example:8080")
        #expect(head.text(head.requestID) == "r1")
        #expect(head.text(head.traceparent) == "t")
        #expect(head.text(head.tracestate) == "s")
        #expect(head.text(head.idempotencyKey) == "k")
        #expect(head.version == .http11)
        #expect(head.framing == .contentLength(2))
        #expect(head.keepsAlive)
        #expect(!head.expectsContinue)
        #expect(!head.isHead)
        #expect(head.fields.count == 8)
        #expect(head.value(of: "padded").map(head.text) == "a b")
        #expect(head.value(of: "empty")?.isEmpty == true)
        #expect(head.value(of: "absent") == nil)
    }

    @Test("leave absent parts empty")
    func absentParts() throws {
        let head = try head("GET / HTTP/1.0\r\n\r\n")
        let absent = [
            head.query, head.authority, head.requestID, head.traceparent, head.tracestate, head.idempotencyKey,
        ]
        for range in absent { #expect(range.isEmpty) }
        #expect(head.fields.isEmpty)
        #expect(head.framing == .none)
        #expect(head.version == .http10)
    }

    @Test(
        "know whether the connection goes on",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: keep-alive\r\n", true),
            ("1.1", "Connection: x, CLOSE\r\n", false), ("1.1", "Connection: x\r\nConnection: close\r\n", false),
            ("1.1", "Connection: keep-alive, close\r\n", false), ("1.1", "Connection: , ,\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true), ("1.0", "Connection: close\r\n", false),
            ("1.0", "Connection: keep-alive, close\r\n", false), ("1.9", "", true),
        ]
    )
    func keepAlive(version: String, lines: String, expected: Bool) throws {
        #expect(try head("GET / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n").keepsAlive == expected)
    }

    @Test("of HTTP/1.0 wait for no 100 Continue")
    func expectations() throws {
        let lines = "Host: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"
        #expect(try head("POST / HTTP/1.1\r\n\(lines)").expectsContinue)
        #expect(try !head("POST / HTTP/1.0\r\n\(lines)").expectsContinue)
    }

    @Test(
        "know whether the request may be repeated",
        arguments: [
            ("GET", "", true), ("HEAD", "", true), ("PUT", "", true), ("DELETE", "", true), ("OPTIONS", "", true),
            ("TRACE", "", true), ("POST", "", false), ("PATCH", "", false), ("get", "", false),
            ("GETGETGETGET", "", false),
            ("POST", "Idempotency-Key: 1\r\n", true), ("POST", "Idempotency-Key:\r\n", false),
        ]
    )
    func idempotency(method: String, lines: String, expected: Bool) throws {
        let head = try head("\(method) / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
        #expect(head.isIdempotent == expected)
        #expect(head.isHead == (method == "HEAD"))
    }

    @Test("mark the fields of this connection alone")
    func hopByHop() throws {
        let head = try head(
            "GET / HTTP/1.1\r\nhost: a\r\nX-One: 1\r\nConnection: x-one, Close, Host\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
                + "Trailer: x\r\nUpgrade: h2c\r\nProxy-Authorization: p\r\nProxy-Connection: c\r\nConnection: X-TWO\r\n"
                + "x-two: 2\r\nAccept: */*\r\nX-One-More: 3\r\nproxy: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        let kept = head.fields.filter { !$0.isHopByHop }.map { head.text($0.name) }
        #expect(kept == ["host", "Accept", "X-One-More", "proxy"])
    }

    @Test("take a trace only from one parent")
    func repeatedTraceparent() throws {
        let twice = try head("GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 1\r\ntraceparent: 2\r\n\r\n")
        #expect(twice.traceparent.isEmpty)
        let thrice = try head(
            "GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 1\r\ntraceparent: 2\r\ntraceparent: 3\r\n\r\n"
        )
        #expect(thrice.traceparent.isEmpty)
    }

    @Test(
        "take the authority of an absolute target",
        arguments: [
            ("http://b:81/c?d", "b:81", "/c", "d"), ("HTTPS://b/c", "b", "/c", ""), ("http://b", "b", "/", ""),
            ("http://b?d", "b", "/", "d"), ("http://[::1]:8080/", "[::1]:8080", "/", ""),
            ("http://b/x/../c", "b", "/c", ""),
        ]
    )
    func absoluteTargets(target: String, authority: String, path: String, query: String) throws {
        let head = try head("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.text(head.authority) == authority)
        #expect(head.text(head.path) == path)
        #expect(head.text(head.query) == query)
        #expect(head.text(head.target) == target)
    }

    @Test("ask about the whole server with an asterisk", arguments: ["*", "http://a", "https://a:1"])
    func serverWide(target: String) throws {
        let head = try head("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.text(head.path) == "*")
        #expect(head.text(head.rawPath) == "*")
    }

    @Test(
        "have one spelling of each path",
        arguments: [
            ("/", "/"), ("//", "//"), ("/a//b", "/a//b"), ("/a/", "/a/"), ("/a/./b", "/a/b"), ("/a/../b", "/b"),
            ("/a/b/..", "/a/"), ("/a/.", "/a/"), ("/.", "/"), ("/a/..", "/"), ("/a//../b", "/a/b"),
            ("/%61%7e%2D", "/a~-"), ("/%2f%2F", "/%2F%2F"), ("/a%2fb/c", "/a%2Fb/c"), ("/caf%c3%a9", "/caf%C3%A9"),
            ("/%2e/a", "/a"), ("/a/%2E%2e/b", "/b"), ("/a/.%2e/b", "/b"), ("/...", "/..."), ("/.a", "/.a"),
            ("/a./b..", "/a./b.."), ("/[a]|^", "/%5Ba%5D%7C%5E"), ("/%25%32%65", "/%252e"), ("/%252e", "/%252e"),
            ("/a;b=1/../c", "/c"), ("/!$&'()*+,;=:@", "/!$&'()*+,;=:@"), ("/%0a", "/%0A"), ("/%ff", "/%FF"),
            ("/a/b/../../c/./d/..", "/c/"),
        ]
    )
    func canonicalPaths(raw: String, canonical: String) throws {
        let head = try head("GET \(raw)?q HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.text(head.rawPath) == raw)
        #expect(head.text(head.path) == canonical)
        #expect(head.text(head.query) == "q")
        // A canonical path is its own canonical form.
        let again = try self.head("GET \(canonical) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(again.text(again.path) == canonical)
    }

    @Test(
        "accept hosts",
        arguments: [
            "a", "a.b-c_d~", "a:", "a:0", "a:65535", "127.0.0.1:80", "[::1]", "[2001:db8::1]:443", "[::ffff:1.2.3.4]",
            "a%41", "!$&'()*+;=",
        ]
    )
    func hosts(host: String) throws {
        let head = try head("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(head.text(head.authority) == host)
    }

    @Test("decide over each of 256 bytes in a method, a name, a value, a path and a query")
    func bytes() {
        let alphanumeric = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let token = alphanumeric.union("!#$%&'*+-.^_`|~".utf8)
        let path = alphanumeric.union("-._~!$&'()*+,;=:@/".utf8).union("[]^|".utf8)
        let query = alphanumeric.union("-._~!$&'()*+,;=:@/?%".utf8).union("[]{}|^\\`".utf8)
        for byte in UInt8.min...UInt8.max {
            let isAccepted = { (before: String, after: String) in
                Transcript(Array(before.utf8) + [byte] + Array(after.utf8)).entries.count == 2
            }
            #expect(isAccepted("G", "T / HTTP/1.1\r\nHost: a\r\n\r\n") == token.contains(byte), "\(byte)")
            #expect(
                isAccepted("GET /a", "a HTTP/1.1\r\nHost: a\r\n\r\n") == (path.contains(byte) || byte == 0x3F),
                "\(byte)"
            )
            #expect(isAccepted("GET /?a", "a HTTP/1.1\r\nHost: a\r\n\r\n") == query.contains(byte), "\(byte)")
            let isName = token.contains(byte) || byte == UInt8(ascii: ":")
            #expect(isAccepted("GET / HTTP/1.1\r\nHost: a\r\nX", "X: b\r\n\r\n") == isName, "\(byte)")
            let isValue = byte == 0x09 || byte >= 0x20 && byte != 0x7F
            #expect(
                isAccepted("GET / HTTP/1.1\r\nHost: a\r\nX: long enough for a word", "b\r\n\r\n") == isValue,
                "\(byte)"
            )
        }
    }
}
