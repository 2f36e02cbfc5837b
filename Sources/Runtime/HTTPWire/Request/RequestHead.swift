/// A request's method, target and fields: one copy of their bytes with the offsets of each part.
///
/// The head owns its bytes, so it stays valid while the request waits in a queue.
package struct RequestHead: Sendable {
    /// The head as it was sent, without its last line end; behind it may stand a rewritten path.
    ///
    /// All ranges of the head and its fields belong to these bytes.
    package let bytes: [UInt8]
    /// The header fields in the order they were sent.
    package let fields: [HeaderField]

    /// The method, a token, with its case.
    package let method: ByteRange
    /// The request-target as it was sent.
    package let target: ByteRange
    /// The path as it was sent, still escaped; a slash when an absolute target has none.
    package let rawPath: ByteRange
    /// The path in canonical form: route by this one.
    ///
    /// Dot segments are removed, escapes of unreserved characters are resolved, the digits of the others are upper-case
    /// (RFC 3986 §6.2.2). An encoded slash stays `%2F`, data within its segment. It is `*` when `OPTIONS` asks about
    /// the whole server.
    package let path: ByteRange
    /// The query as it was sent, without its question mark; empty when there is none.
    package let query: ByteRange
    /// Host and port, of an absolute target or else of the `Host` field; empty for HTTP/1.0 without one.
    package let authority: ByteRange

    /// The value of the first `X-Request-Id`, empty when absent.
    package let requestID: ByteRange
    /// The value of `traceparent`, empty when absent or repeated.
    package let traceparent: ByteRange
    /// The value of the first `tracestate`, empty when absent.
    package let tracestate: ByteRange
    /// The value of the first `Idempotency-Key`, empty when absent.
    package let idempotencyKey: ByteRange

    /// The version whose rules the answer follows.
    package let version: HTTPVersion
    /// How the body is delimited.
    package let framing: RequestFraming
    /// Whether the client lets the connection serve another request.
    package let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    package let expectsContinue: Bool
    /// Whether the method is `HEAD`, so that no body may be answered.
    package let isHead: Bool
    /// Whether the request may be sent again when its outcome is unknown.
    ///
    /// True for GET, HEAD, PUT, DELETE, OPTIONS and TRACE (RFC 9110 §9.2.2), and for any request with an
    /// `Idempotency-Key`.
    package let isIdempotent: Bool

    /// What the request allows of its response.
    package var terms: ResponseTerms {
        ResponseTerms(version: version, isHead: isHead, keepsAlive: keepsAlive)
    }

    /// A part of the head as text, for logs and tests; bytes that are not UTF-8 are replaced.
    package func text(_ range: ByteRange) -> String {
        String(decoding: bytes[range.range], as: UTF8.self)
    }

    /// The value of the first field with this name, given in lower case, or nil.
    package func value(of name: StaticString) -> ByteRange? {
        bytes.withUnsafeBytes { bytes in
            fields.first { bytes[$0.name].equalsIgnoringCase(name) }?.value
        }
    }
}

/// The versions of HTTP whose rules a connection may follow.
package enum HTTPVersion: UInt8, Sendable {
    case http10
    case http11
}

/// How a request's body is delimited (RFC 9112 §6.3).
package enum RequestFraming: Sendable, Hashable {
    /// There is no body.
    case none
    /// The body has this many bytes, perhaps none.
    case contentLength(Int)
    /// The body comes in chunks; its length is known at its end.
    case chunked
}
