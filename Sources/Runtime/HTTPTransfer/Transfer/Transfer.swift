import CCurl

/// One request under way; it lives on the loop's thread alone, where libcurl calls it back.
final class Transfer {
    /// What is asked of the loop.
    struct Plan: Sendable {
        let ticket: TransferTicket
        let request: HTTPClientRequest
        let receiver: Receiver
    }

    /// Who is told.
    enum Receiver: Sendable {
        case whole(CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>)
        case stream(CheckedContinuation<Result<HTTPClientResponseHead, HTTPClientError>, Never>, BodyBuffer)
    }

    /// More header than this is no longer somebody's honest answer.
    static let maxHeaderBytes = 256 << 10

    let ticket: TransferTicket
    let easy: UnsafeMutableRawPointer
    private let handles: EasyHandles
    /// Whether the transfer went well, so that its handle is as good as new.
    private var isReusable = false
    private let receiver: Receiver
    private let maxResponseBytes: Int
    private let fields: UnsafeMutablePointer<curl_slist>?
    private let route: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    private var head = HTTPClientResponseHead(status: 0)
    private var headerBytes = 0
    private var headIsTold = false
    private var body: [UInt8] = []
    /// Why this side ended the transfer, if it did.
    private var ownError: HTTPClientError?

    init(_ plan: Plan, configuration: HTTPClientConfiguration, handles: EasyHandles) throws(HTTPClientError) {
        self.handles = handles
        ticket = plan.ticket
        receiver = plan.receiver
        maxResponseBytes = plan.request.maxResponseBytes
        guard let easy = handles.take() else {
            throw .failed(code: Int(CURLE_FAILED_INIT.rawValue), "libcurl has no memory for a transfer")
        }
        self.easy = easy
        errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        fields = plan.request.makeFields()
        // "for any host and port of a URL, connect to these"
        route = configuration.connectsTo.flatMap { curl_slist_append(nil, "::\($0)") }
        var options = TransferOptions(easy: easy)
        options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        options.set(CURLOPT_PRIVATE, pointer: Unmanaged.passUnretained(self).toOpaque())
        options.set(CURLOPT_HTTPHEADER, list: fields)
        if let route { options.set(CURLOPT_CONNECT_TO, list: route) }
        options.set(configuration)
        options.set(plan.request)
        options.set(receiveHeader: receiveHeader, receiveBody: receiveBody, Unmanaged.passUnretained(self).toOpaque())
        if let refused = options.refused {
            throw .invalidConfiguration("libcurl refuses the option \(refused.option): \(refused.reason)")
        }
    }

    deinit {
        if isReusable { handles.giveBack(easy) } else { curl_easy_cleanup(easy) }
        curl_slist_free_all(fields)
        curl_slist_free_all(route)
        errorText.deallocate()
    }

    // MARK: What arrives

    fileprivate func headerArrived(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.maxHeaderBytes else {
            ownError = .tooLarge(limit: Self.maxHeaderBytes)
            return false
        }
        let line = line.trimmingLineEnd
        if line.starts(with: "HTTP/".utf8) {
            // Each interim response begins anew.
            let code = line.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first
            let status = code.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
            head = HTTPClientResponseHead(status: status ?? 0)
        } else if line.isEmpty {
            if head.status >= 200 { tellHead() }
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), !headIsTold {
            // What comes after the head is told are trailers, which nobody here asks for.
            let value = line[line.index(after: colon)...].trimmingBlanks
            head.headers.append(
                String(decoding: line[..<colon], as: UTF8.self),
                String(decoding: value, as: UTF8.self)
            )
        }
        return true
    }

    fileprivate func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> BodyOutcome {
        switch receiver {
        case .stream(_, let buffer): return buffer.put(bytes) ? .taken : .heldUp
        case .whole:
            guard body.count + bytes.count <= maxResponseBytes else {
                ownError = .tooLarge(limit: maxResponseBytes)
                return .refused
            }
            body.append(contentsOf: bytes)
            return .taken
        }
    }

    enum BodyOutcome {
        case taken
        case heldUp
        case refused
    }

    private func tellHead() {
        guard case .stream(let continuation, _) = receiver, !headIsTold else { return }
        headIsTold = true
        continuation.resume(returning: .success(head))
    }

    // MARK: The end

    /// Tells the result libcurl reports.
    func finish(_ code: CURLcode) {
        if let ownError { return fail(ownError) }
        if code == CURLE_OK {
            isReusable = true
            return succeed()
        }
        let text = String(cString: errorText)
        let reason = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        fail(HTTPClientError(code, reason: reason, hadConnected: hadConnected))
    }

    func fail(_ error: HTTPClientError) {
        receiver.fail(error, headIsTold: headIsTold)
    }

    private func succeed() {
        switch receiver {
        case .whole(let continuation):
            let response = HTTPClientResponse(status: head.status, headers: head.headers, body: body)
            continuation.resume(returning: .success(response))
        case .stream(_, let buffer):
            tellHead()
            buffer.end(nil)
        }
    }

    private var hadConnected: Bool {
        var microseconds: curl_off_t = 0
        return shopfn_curl_get_size(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds) == CURLE_OK && microseconds > 0
    }
}

extension Transfer.Receiver {
    func fail(_ error: HTTPClientError, headIsTold: Bool = false) {
        switch self {
        case .whole(let continuation): continuation.resume(returning: .failure(error))
        case .stream(let continuation, let buffer):
            if !headIsTold { continuation.resume(returning: .failure(error)) }
            buffer.end(error)
        }
    }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

/// Called by libcurl for every line of a head; fewer bytes returned than given end the transfer.
private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.headerArrived(line) == true ? line.count : 0
}

/// Called by libcurl for every piece of a body.
private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    // libcurl asks for nothing to be taken where a body is empty; that is no refusal.
    if piece.isEmpty { return 0 }
    return switch transfer(context)?.bodyArrived(piece) {
    case .taken: piece.count
    case .heldUp: Int(CURL_WRITEFUNC_PAUSE)
    case .refused, nil: 0
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var trimmingLineEnd: Slice<UnsafeRawBufferPointer> {
        var line = self[...]
        while let last = line.last, last == 0x0D || last == 0x0A { line.removeLast() }
        return line
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var trimmingBlanks: Slice<UnsafeRawBufferPointer> {
        var text = drop { $0 == 0x20 || $0 == 0x09 }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}
