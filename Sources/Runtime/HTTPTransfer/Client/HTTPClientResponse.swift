/// The status and header fields of a response.
public struct HTTPClientResponseHead: Sendable {
    /// The status code, from 200.
    public var status: Int
    /// The header fields.
    public var headers: HTTPClientHeaders

    /// Makes a head.
    public init(status: Int, headers: HTTPClientHeaders = [:]) {
        self.status = status
        self.headers = headers
    }
}

/// A whole response.
public struct HTTPClientResponse: Sendable {
    /// The status code, from 200; redirects are not followed.
    public var status: Int
    /// The header fields.
    public var headers: HTTPClientHeaders
    /// The body.
    public var body: [UInt8]

    /// Makes a response.
    public init(status: Int, headers: HTTPClientHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether the status is one of success, from 200 to 299.
    public var isSuccess: Bool { (200..<300).contains(status) }
}
