import CCurl

extension HTTPClientError {
    /// The error that a result of libcurl means.
    init(_ code: CURLcode, reason: String, hadConnected: Bool) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT: .invalidRequest(reason)
            // Once connected, this is libcurl's word for an answer without a status line.
            case CURLE_UNSUPPORTED_PROTOCOL: hadConnected ? .malformedResponse(reason) : .invalidRequest(reason)
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unresolved(reason)
            case CURLE_COULDNT_CONNECT: .unreachable(reason)
            case CURLE_OPERATION_TIMEDOUT: hadConnected ? .timedOut(reason) : .connectTimedOut(reason)
            case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER: .invalidConfiguration(reason)
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_INVALIDCERTSTATUS:
                .tls(reason)
            case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2_STREAM:
                .connectionLost(reason)
            case CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_BAD_CONTENT_ENCODING:
                .malformedResponse(reason)
            default: .failed(code: Int(code.rawValue), reason)
            }
    }
}
