/// What a head's fields say about the connection and the body.
struct FieldFacts: Sendable {
    private(set) var host = ByteRange.empty
    private(set) var requestID = ByteRange.empty
    private(set) var traceparent = ByteRange.empty
    private(set) var tracestate = ByteRange.empty
    private(set) var idempotencyKey = ByteRange.empty
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var expectsContinue = false
    /// Whether `Connection` holds other names than `close` and `keep-alive`.
    private(set) var namesFields = false
    private var hasTraceparent = false
    private var contentLength: Int?
    private var coding = Coding.absent

    /// What the transfer codings listed so far amount to.
    private enum Coding: Sendable {
        case absent
        case chunked
        case unknown
        case unknownThenChunked
        case invalid
    }

    /// Takes in a field that the parser knows.
    mutating func take(_ field: HeaderField, _ value: UnsafeRawBufferPointer) throws(RequestViolation) {
        switch field.kind {
        case .host:
            guard host.isEmpty else { throw RequestViolation(.repeatedHost) }
            guard HostSyntax.isValid(value) else { throw RequestViolation(.invalidHost) }
            host = field.value
        case .connection: try takeConnection(value)
        case .contentLength: try takeContentLength(value)
        case .transferEncoding: takeTransferEncoding(value)
        case .expect:
            guard value.equalsIgnoringCase("100-continue") else { throw RequestViolation(.expectationFailed) }
            expectsContinue = true
        case .idempotencyKey: if idempotencyKey.isEmpty { idempotencyKey = field.value }
        case .requestID: if requestID.isEmpty { requestID = field.value }
        case .traceparent:
            // A repeated parent is no parent (W3C Trace Context §3.2.1).
            traceparent = traceparent.isEmpty && !hasTraceparent ? field.value : .empty
            hasTraceparent = true
        case .tracestate: if tracestate.isEmpty { tracestate = field.value }
        case .other, .hopByHop: break
        }
    }

    private mutating func takeConnection(_ value: UnsafeRawBufferPointer) throws(RequestViolation) {
        try value.forEachListElement { (option) throws(RequestViolation) in
            if option.equalsIgnoringCase("keep-alive") {
                keepsAlive = true
            } else if option.equalsIgnoringCase("close") {
                closes = true
            } else {
                for byte in option where !ByteSet.token.contains(byte) { throw RequestViolation(.invalidConnection) }
                namesFields = true
            }
        }
    }

    private mutating func takeContentLength(_ value: UnsafeRawBufferPointer) throws(RequestViolation) {
        guard contentLength == nil else { throw RequestViolation(.repeatedContentLength) }
        guard !value.isEmpty else { throw RequestViolation(.invalidContentLength) }
        // A number too large to count stays at the largest one, which no limit admits, whatever digits follow.
        let largest = Int.max
        var length = 0
        for byte in value {
            guard ASCII.isDigit(byte) else { throw RequestViolation(.invalidContentLength) }
            let digit = Int(byte - ASCII.zero)
            length = length > (largest - digit) / 10 ? largest : length * 10 + digit
        }
        contentLength = length
    }

    private mutating func takeTransferEncoding(_ value: UnsafeRawBufferPointer) {
        var isEmpty = true
        value.forEachListElement { name in
            isEmpty = false
            let isChunked = name.equalsIgnoringCase("chunked")
            switch coding {
            case .absent: coding = isChunked ? .chunked : .unknown
            case .unknown: coding = isChunked ? .unknownThenChunked : .unknown
            case .chunked, .unknownThenChunked, .invalid: coding = .invalid
            }
        }
        if isEmpty { coding = .invalid }
    }

    /// How the body is delimited, once all fields are known.
    func framing(version: HTTPVersion, limits: RequestLimits) throws(RequestViolation) -> RequestFraming {
        if coding != .absent {
            // Two framings that a proxy in front may have judged differently (RFC 9112 §6.1 and §11.2).
            if contentLength != nil { throw RequestViolation(.conflictingFraming) }
            if version == .http10 { throw RequestViolation(.transferEncodingOnHTTP10) }
            switch coding {
            case .chunked: return .chunked
            case .unknownThenChunked: throw RequestViolation(.unknownTransferEncoding)
            // Without chunked as the last coding nobody can tell where the body ends (RFC 9112 §6.3).
            case .absent, .unknown, .invalid: throw RequestViolation(.invalidTransferEncoding)
            }
        }
        guard let contentLength else { return .none }
        guard contentLength <= limits.bodyBytes else { throw RequestViolation(.bodyTooLarge) }
        return .contentLength(contentLength)
    }
}
