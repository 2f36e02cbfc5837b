/// Why there is no response.
public enum HTTPClientError: Error, Hashable, Sendable {
    /// The request cannot be sent as it is.
    case invalidRequest(String)
    /// The configuration cannot be used, such as a certificate that cannot be read.
    case invalidConfiguration(String)
    /// The host's name is not known.
    case unresolved(String)
    /// No connection came about; the request was not sent.
    case unreachable(String)
    /// TLS failed, such as for a certificate that is not trusted; the request was not sent.
    case tls(String)
    /// The time for connecting passed; the request was not sent.
    case connectTimedOut(String)
    /// The time for the whole passed.
    case timedOut(String)
    /// The connection broke before the response was complete; the other side may have acted on the request.
    case connectionLost(String)
    /// What came is not HTTP.
    case malformedResponse(String)
    /// The response's body or header is larger than allowed.
    case tooLarge(limit: Int)
    /// The calling task was cancelled.
    case cancelled
    /// Too many requests are under way; this one was not sent.
    case overloaded(limit: Int)
    /// The client was closed.
    case closed
    /// Anything else libcurl reports.
    case failed(code: Int, String)
}

extension HTTPClientError {
    /// Whether the other side cannot be used at the moment, so that the same request may well succeed later.
    public var isUnavailable: Bool {
        switch self {
        case .unresolved, .unreachable, .connectTimedOut, .timedOut, .connectionLost, .overloaded: true
        default: false
        }
    }

    /// Whether the request certainly was not sent, so that sending it again cannot repeat what it does.
    public var wasNotSent: Bool {
        switch self {
        case .invalidRequest, .invalidConfiguration, .unresolved, .unreachable, .tls, .connectTimedOut, .overloaded:
            true
        default: false
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    /// What went wrong, in words.
    public var description: String {
        switch self {
        case .invalidRequest(let what): "the request cannot be sent: \(what)"
        case .invalidConfiguration(let what): "the HTTP client cannot be set up: \(what)"
        case .unresolved(let what): "the host's name is not known: \(what)"
        case .unreachable(let what): "the host cannot be reached: \(what)"
        case .tls(let what): "TLS failed: \(what)"
        case .connectTimedOut(let what): "no connection came about in time: \(what)"
        case .timedOut(let what): "the response did not come in time: \(what)"
        case .connectionLost(let what): "the connection broke before the response was complete: \(what)"
        case .malformedResponse(let what): "the response is not HTTP: \(what)"
        case .tooLarge(let limit): "the response is larger than the \(limit) bytes allowed"
        case .cancelled: "the request was cancelled"
        case .overloaded(let limit): "\(limit) requests are under way already, the most allowed"
        case .closed: "the HTTP client is closed"
        case .failed(let code, let what): "the transfer failed: \(what) (libcurl \(code))"
        }
    }
}
