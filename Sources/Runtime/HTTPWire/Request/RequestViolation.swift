/// Why a request is refused, with the status to answer.
///
/// After a violation nobody knows where the next request would begin, so the connection is closed once the answer is
/// written: the parser throws the same violation again for whatever else arrives.
package struct RequestViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    package let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }

    /// The status code to answer.
    package var status: Int { reason.judgement.status }

    /// What was wrong and what to send instead, for the body of the answer.
    ///
    /// It repeats nothing of the request.
    package var description: String { reason.judgement.message }

    /// What was wrong, with a raw value that names it in logs and metrics.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case tlsOnPlainPort = "tls-on-plain-port"
        case malformedRequestLine = "malformed-request-line"
        case invalidMethod = "invalid-method"
        case methodTooLong = "method-too-long"
        case connectNotSupported = "connect-not-supported"
        case unsupportedVersion = "unsupported-version"
        case invalidTarget = "invalid-target"
        case targetTooLong = "target-too-long"
        case invalidPercentEncoding = "invalid-percent-encoding"
        case encodedNUL = "encoded-nul"
        case pathAboveRoot = "path-above-root"
        case asteriskWithoutOptions = "asterisk-without-options"
        case bareCarriageReturn = "bare-carriage-return"
        case bareLineFeed = "bare-line-feed"
        case controlCharacter = "control-character"
        case headTooLarge = "head-too-large"
        case tooManyFields = "too-many-fields"
        case emptyFieldName = "empty-field-name"
        case invalidFieldName = "invalid-field-name"
        case missingColon = "missing-colon"
        case whitespaceBeforeColon = "whitespace-before-colon"
        case foldedLine = "folded-line"
        case missingHost = "missing-host"
        case repeatedHost = "repeated-host"
        case invalidHost = "invalid-host"
        case invalidConnection = "invalid-connection"
        case invalidContentLength = "invalid-content-length"
        case repeatedContentLength = "repeated-content-length"
        case conflictingFraming = "conflicting-framing"
        case invalidTransferEncoding = "invalid-transfer-encoding"
        case unknownTransferEncoding = "unknown-transfer-encoding"
        case transferEncodingOnHTTP10 = "transfer-encoding-on-http-1.0"
        case expectationFailed = "expectation-failed"
        case bodyTooLarge = "body-too-large"
        case invalidChunkSize = "invalid-chunk-size"
        case invalidChunkExtension = "invalid-chunk-extension"
        case chunkExtensionsTooLarge = "chunk-extensions-too-large"
        case missingChunkEnd = "missing-chunk-end"
        case invalidTrailer = "invalid-trailer"
        case trailersTooLarge = "trailers-too-large"
        case truncated = "truncated"
    }
}

extension RequestViolation.Reason {
    fileprivate var judgement: (status: Int, message: String) {
        switch self {
        case .tlsOnPlainPort: (400, "This port speaks plain HTTP, not TLS. Use an http:// URL or the TLS port.")
        case .malformedRequestLine:
            (400, "The request line must read METHOD SP TARGET SP HTTP/1.1 with single spaces.")
        case .invalidMethod: (400, "The method must be a token such as GET, directly followed by one space.")
        case .methodTooLong: (501, "The method is longer than any this server knows.")
        case .connectNotSupported: (501, "CONNECT is not supported: this server is no proxy.")
        case .unsupportedVersion: (505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        case .invalidTarget:
            (
                400,
                "The request-target must be a path that begins with a slash, or an http URL; escape other characters."
            )
        case .targetTooLong: (414, "The request-target is too long. Send long input in a body.")
        case .invalidPercentEncoding: (400, "Each percent sign in the path must be followed by two hexadecimal digits.")
        case .encodedNUL: (400, "The path must not hold an encoded NUL (%00).")
        case .pathAboveRoot: (400, "The path's dot segments lead above the root.")
        case .asteriskWithoutOptions: (400, "The request-target * goes with OPTIONS only.")
        case .bareCarriageReturn: (400, "A carriage return must be followed by a line feed.")
        case .bareLineFeed: (400, "Lines must end with CR LF, not with LF alone.")
        case .controlCharacter: (400, "The head must not hold control characters.")
        case .headTooLarge: (431, "The header fields are too large together.")
        case .tooManyFields: (431, "There are too many header fields.")
        case .emptyFieldName: (400, "A header field has no name.")
        case .invalidFieldName: (400, "A header field's name must consist of letters, digits and !#$%&'*+-.^_`|~ only.")
        case .missingColon: (400, "A header line must read NAME: VALUE.")
        case .whitespaceBeforeColon: (400, "No white space may stand between a header field's name and its colon.")
        case .foldedLine: (400, "A header field must stand on one line; folded lines are obsolete.")
        case .missingHost: (400, "HTTP/1.1 requests need a Host field.")
        case .repeatedHost: (400, "Send one Host field only.")
        case .invalidHost: (400, "The host must be a name or an address with an optional port.")
        case .invalidConnection: (400, "The Connection field must be a list of tokens.")
        case .invalidContentLength: (400, "Content-Length must be one decimal number.")
        case .repeatedContentLength: (400, "Send one Content-Length field only.")
        case .conflictingFraming: (400, "Send either Content-Length or Transfer-Encoding, not both.")
        case .invalidTransferEncoding: (400, "Transfer-Encoding must be exactly chunked.")
        case .unknownTransferEncoding: (501, "Of transfer codings only chunked is known here. Use Content-Encoding.")
        case .transferEncodingOnHTTP10: (400, "HTTP/1.0 knows no Transfer-Encoding.")
        case .expectationFailed: (417, "The only expectation met here is 100-continue.")
        case .bodyTooLarge: (413, "The body is larger than allowed.")
        case .invalidChunkSize: (400, "A chunk must begin with its size in 1 to 15 hexadecimal digits.")
        case .invalidChunkExtension: (400, "A chunk extension must begin with a semicolon and end with CR LF.")
        case .chunkExtensionsTooLarge: (400, "The chunk extensions are too large together.")
        case .missingChunkEnd: (400, "A chunk's data must be followed by CR LF.")
        case .invalidTrailer: (400, "A trailer line must read NAME: VALUE and end with CR LF.")
        case .trailersTooLarge: (431, "The trailer fields are too large together.")
        case .truncated: (400, "The connection ended within a request.")
        }
    }
}
