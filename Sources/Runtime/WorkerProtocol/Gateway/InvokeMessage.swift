/// An invoke put together from Strings, for callers to whom speed matters less than ease.
package struct InvokeMessage: Sendable {
    /// The header that tells a scheduled function the schedule it is invoked by.
    package static let scheduleHeader = "x-shopfn-schedule"

    package var kind = InvocationKind.http
    /// What the flags say, `endOfBody` apart.
    package var flags: InvokeFlags = []
    package var remaining = Duration.seconds(10)
    package var method: String
    package var path: String
    package var query = ""
    package var route = ""
    package var parameters: [(name: String, value: String)] = []
    package var headers: [(name: String, value: String)] = []
    package var requestID = ""
    package var traceparent = ""
    package var tracestate = ""
    package var clientAddress = "127.0.0.1"
    package var function = ""
    package var body: [UInt8] = []
    /// Whether `body` is all there is.
    package var endsBody = true

    package init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when the frame is too large.
    package func append(id: UInt32, to buffer: inout [UInt8]) throws(ProtocolViolation) {
        // One array holds all texts, so that their slices stay valid together.
        var bytes: [UInt8] = []
        func place(_ text: String) -> Range<Int> {
            let start = bytes.count
            bytes.append(contentsOf: text.utf8)
            return start..<bytes.count
        }
        let texts = [method, path, query, route, requestID, traceparent, tracestate, clientAddress, function].map(place)
        let parameters = parameters.map { (place($0.name), place($0.value)) }
        let headers = headers.map { (place($0.name), place($0.value)) }
        let flags = endsBody ? flags.union(.endOfBody) : flags.subtracting(.endOfBody)
        let body = bytes.count..<bytes.count + body.count
        bytes.append(contentsOf: self.body)
        try bytes.withRawBytes { (all) throws(ProtocolViolation) in
            func at(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: all[range]) }
            var writer = InvokeWriter(
                id: id,
                kind: kind,
                flags: flags,
                remainingMicroseconds: remaining.wholeMicroseconds,
                texts: InvokeTexts(
                    method: at(texts[0]),
                    path: at(texts[1]),
                    query: at(texts[2]),
                    route: at(texts[3]),
                    requestID: at(texts[4]),
                    traceparent: at(texts[5]),
                    tracestate: at(texts[6]),
                    clientAddress: at(texts[7]),
                    function: at(texts[8])
                ),
                to: &buffer
            )
            for (name, value) in parameters { writer.parameter(at(name), at(value), to: &buffer) }
            for (name, value) in headers { writer.header(at(name), at(value), to: &buffer) }
            try writer.finish(body: at(body), to: &buffer)
        }
    }
}

extension Duration {
    /// This duration in microseconds, what is finer cut off; 0 when it is negative.
    fileprivate var wholeMicroseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : product &+ UInt64(attoseconds / 1_000_000_000_000)
    }
}

extension InvokeHead {
    /// The head of a message put together by hand.
    ///
    /// - Throws: `ProtocolViolation` when it is too large.
    package init(_ message: InvokeMessage) throws(ProtocolViolation) {
        var bytes: [UInt8] = []
        try message.append(id: 1, to: &bytes)
        self = try bytes.withRawBytes { (bytes) throws(ProtocolViolation) in
            guard case .invoke(_, let view)? = try GatewayFrame.decode(bytes)?.frame else {
                throw ProtocolViolation(.unknownType, frame: FrameType.invoke, "no invoke came out of an invoke")
            }
            return InvokeHead(copying: view)
        }
    }
}
