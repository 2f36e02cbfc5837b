/// What a request allows of its response.
package struct ResponseTerms: Sendable, Hashable {
    /// The version whose rules the response follows.
    package var version: HTTPVersion
    /// Whether no body may be sent, since `HEAD` was asked.
    package var isHead: Bool
    /// Whether the connection may serve another request; set it to false to close it behind the response.
    package var keepsAlive: Bool

    /// Sets the terms, for answers to requests that have no `RequestHead`.
    package init(version: HTTPVersion = .http11, isHead: Bool = false, keepsAlive: Bool) {
        self.version = version
        self.isHead = isHead
        self.keepsAlive = keepsAlive
    }
}

/// What is known of a response's body when its head is written.
package enum ResponseLength: Sendable, Hashable {
    /// The whole body is there and has this many bytes.
    case known(Int)
    /// The body follows in parts.
    case streamed
}

/// How a response's body is delimited (RFC 9112 §6.3).
package enum ResponseFraming: Sendable, Hashable {
    /// No body may follow.
    case none
    /// The body has this many bytes.
    case contentLength(Int)
    /// The body is sent in chunks.
    case chunked
    /// The body ends with the connection, as HTTP/1.0 does it.
    case untilClose
}

/// What a handler gave that can not be sent as a response.
package enum ResponseViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// The status is not a final one, from 200 to 599.
    case invalidStatus(Int)
    /// A field's name is not a token.
    case invalidFieldName
    /// A field's value holds a control character.
    case invalidFieldValue
    /// The handler's `Content-Length` is no number, repeated, or another than the body has.
    case invalidContentLength
    /// More body came than `Content-Length` announced.
    case bodyTooLong
    /// Less body came than `Content-Length` announced.
    case bodyTooShort

    package var description: String {
        switch self {
        case .invalidStatus(let status): "The response's status \(status) is not one from 200 to 599."
        case .invalidFieldName: "A response header's name must consist of letters, digits and !#$%&'*+-.^_`|~ only."
        case .invalidFieldValue: "A response header's value must not hold control characters such as CR, LF or NUL."
        case .invalidContentLength: "The response's Content-Length must be one number and match the body; leave it out."
        case .bodyTooLong: "The response's body is longer than its Content-Length."
        case .bodyTooShort: "The response's body is shorter than its Content-Length."
        }
    }
}
