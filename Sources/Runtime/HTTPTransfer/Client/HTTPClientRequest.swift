/// A request to another service.
public struct HTTPClientRequest: Sendable {
    /// The method, such as `GET`.
    public var method: String
    /// An absolute URL with the scheme `http` or `https`.
    public var url: String
    /// Header fields beyond those that are made from the request itself.
    public var headers: HTTPClientHeaders
    /// The body; empty for none.
    public var body: [UInt8]
    /// How long everything may take, from the start to the last byte of the response; `nil` for any time.
    public var timeout: Duration?
    /// The largest body of a response that is taken, if it is not streamed; a larger one is an error.
    public var maxResponseBytes: Int
    /// A Unix socket to speak to instead of the URL's host.
    public var unixSocket: String?

    /// Makes a request.
    public init(
        method: String = "GET",
        url: String,
        headers: HTTPClientHeaders = [:],
        body: [UInt8] = [],
        timeout: Duration? = .seconds(30),
        maxResponseBytes: Int = 16 << 20,
        unixSocket: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maxResponseBytes = maxResponseBytes
        self.unixSocket = unixSocket
    }
}

extension HTTPClientRequest {
    /// Refuses what would become another request on the wire than the one that was meant.
    func check() throws(HTTPClientError) {
        guard method.isToken else { throw .invalidRequest("the method \"\(method)\" is not a token") }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw .invalidRequest("the URL must begin with http:// or https://")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .invalidRequest("the URL has a space or a control character; percent-encode it")
        }
        for (name, value) in headers {
            guard name.isToken else { throw .invalidRequest("the header name \"\(name)\" is not a token") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .invalidRequest("the value of the header \(name) has a control character")
            }
            guard !name.isSameField(as: "Transfer-Encoding") else {
                throw .invalidRequest("Transfer-Encoding is the client's own affair; leave it out")
            }
            guard !name.isSameField(as: "Content-Length") || value == String(body.count) else {
                throw .invalidRequest("Content-Length is \(value), but the body has \(body.count) bytes; leave it out")
            }
        }
    }
}

extension String {
    /// Whether this is a token (RFC 9110, section 5.6.2).
    fileprivate var isToken: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
