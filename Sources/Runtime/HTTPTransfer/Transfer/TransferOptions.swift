import CCurl

/// Sets libcurl's options and remembers the first that it refuses.
struct TransferOptions {
    let easy: UnsafeMutableRawPointer
    private(set) var refused: (option: String, reason: String)?

    init(easy: UnsafeMutableRawPointer) {
        self.easy = easy
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(option, shopfn_curl_set_long(easy, option, value))
    }

    mutating func set(_ option: CURLoption, size: Int) {
        note(option, shopfn_curl_set_size(easy, option, curl_off_t(size)))
    }

    mutating func set(_ option: CURLoption, _ value: String) {
        note(option, shopfn_curl_set_text(easy, option, value))
    }

    mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
        note(option, shopfn_curl_set_pointer(easy, option, pointer))
    }

    mutating func set(_ option: CURLoption, list: UnsafeMutablePointer<curl_slist>?) {
        note(option, shopfn_curl_set_list(easy, option, list))
    }

    mutating func set(
        receiveHeader: shopfn_curl_receiver?,
        receiveBody: shopfn_curl_receiver?,
        _ context: UnsafeMutableRawPointer
    ) {
        note(CURLOPT_HEADERFUNCTION, shopfn_curl_set_receiver(easy, CURLOPT_HEADERFUNCTION, receiveHeader))
        note(CURLOPT_WRITEFUNCTION, shopfn_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION, receiveBody))
        set(CURLOPT_HEADERDATA, pointer: context)
        set(CURLOPT_WRITEDATA, pointer: context)
    }

    mutating func set(_ configuration: HTTPClientConfiguration) {
        // Signals belong to the process; the loop's thread blocks SIGPIPE itself.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_NOPROGRESS, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        note(CURLOPT_PROTOCOLS, shopfn_curl_allow_http(easy))
        set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        let silence = max(1, configuration.keepAlive.milliseconds / 1_000)
        set(CURLOPT_TCP_KEEPIDLE, silence)
        set(CURLOPT_TCP_KEEPINTVL, silence)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        let version = configuration.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        set(CURLOPT_HTTP_VERSION, version)
        if let authorities = configuration.authorities {
            set(authorities, file: CURLOPT_CAINFO, text: CURLOPT_CAINFO_BLOB)
        }
        if let certificate = configuration.certificate {
            set(certificate, file: CURLOPT_SSLCERT, text: CURLOPT_SSLCERT_BLOB)
            set(configuration.privateKey ?? certificate, file: CURLOPT_SSLKEY, text: CURLOPT_SSLKEY_BLOB)
        }
        if let proxy = configuration.proxy {
            set(CURLOPT_PROXY, proxy)
            set(CURLOPT_NOPROXY, "")
        } else if !configuration.usesProxies {
            set(CURLOPT_NOPROXY, "*")
        }
    }

    mutating func set(_ request: HTTPClientRequest) {
        set(CURLOPT_URL, request.url)
        if let timeout = request.timeout { set(CURLOPT_TIMEOUT_MS, timeout.milliseconds) }
        if let path = request.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        switch request.method {
        case "GET" where request.body.isEmpty: set(CURLOPT_HTTPGET, 1)
        case "HEAD": set(CURLOPT_NOBODY, 1)
        default:
            set(CURLOPT_CUSTOMREQUEST, request.method)
            guard !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) else { return }
            set(CURLOPT_POST, 1)
            set(CURLOPT_POSTFIELDSIZE_LARGE, size: request.body.count)
            var body = request.body
            // Copied, as the transfer outlives this call.
            body.withUnsafeMutableBytes { bytes in
                if let start = bytes.baseAddress { set(CURLOPT_COPYPOSTFIELDS, pointer: start) }
            }
        }
    }

    private mutating func set(_ pem: HTTPClientConfiguration.PEM, file: CURLoption, text: CURLoption) {
        switch pem {
        case .file(let path): set(file, path)
        case .text(let bytes):
            note(text, bytes.withUnsafeBytes { shopfn_curl_set_blob(easy, text, $0.baseAddress, $0.count) })
        }
    }

    private mutating func note(_ option: CURLoption, _ code: CURLcode) {
        guard code != CURLE_OK, refused == nil else { return }
        let name = curl_easy_option_by_id(option).map { String(cString: $0.pointee.name) } ?? "\(option.rawValue)"
        refused = (name, String(cString: curl_easy_strerror(code)))
    }
}

extension HTTPClientRequest {
    /// The header fields as libcurl's list.
    func makeFields() -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        func append(_ line: String) {
            // A null result means no memory and leaves the list as it was.
            if let longer = curl_slist_append(list, line) { list = longer }
        }
        for (name, value) in headers where !name.isSameField(as: "Content-Length") {
            // libcurl takes "Name:" for an order to leave the field out, and "Name;" for an empty one.
            append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // What libcurl adds by itself to a body: a type that nobody chose, and a wait for permission to send it.
        if headers["Content-Type"] == nil { append("Content-Type:") }
        if headers["Expect"] == nil { append("Expect:") }
        return list
    }
}

extension Duration {
    /// Whole milliseconds from 1 to a month; libcurl takes 0 for no limit.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_592_000 else { return 2_592_000_000 }
        return max(1, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
