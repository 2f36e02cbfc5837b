/// What invoked the function.
package enum InvocationKind: UInt8, Sendable {
    case http = 1
    case schedule = 2
    /// Kept for a later version; nothing sends it yet.
    case stream = 3
}

/// Facts about an invocation, one bit each.
package struct InvokeFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The body in this frame is all there is.
    package static let endOfBody = InvokeFlags(rawValue: 1)
    /// Doing it twice does no harm.
    package static let idempotent = InvokeFlags(rawValue: 2)
    /// A worker died under this event before.
    package static let retried = InvokeFlags(rawValue: 4)

    static let known: UInt8 = 7
}

/// The texts of an invocation, as slices of bytes that somebody else holds.
package struct InvokeTexts {
    package typealias Bytes = UnsafeRawBufferPointer

    package var method: Bytes
    /// The path as it came, percent-encoded.
    package var path: Bytes
    /// What follows `?`, as it came, without the mark; empty when there was none.
    package var query: Bytes
    /// The pattern of the route, such as `/api/products/{product}`.
    package var route: Bytes
    package var requestID: Bytes
    /// W3C `traceparent`; empty when there is none.
    package var traceparent: Bytes
    /// W3C `tracestate`; empty when there is none.
    package var tracestate: Bytes
    /// The client's address as text, without port.
    package var clientAddress: Bytes
    package var function: Bytes

    package init(
        method: Bytes,
        path: Bytes,
        query: Bytes = Bytes(start: nil, count: 0),
        route: Bytes = Bytes(start: nil, count: 0),
        requestID: Bytes = Bytes(start: nil, count: 0),
        traceparent: Bytes = Bytes(start: nil, count: 0),
        tracestate: Bytes = Bytes(start: nil, count: 0),
        clientAddress: Bytes = Bytes(start: nil, count: 0),
        function: Bytes = Bytes(start: nil, count: 0)
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.route = route
        self.requestID = requestID
        self.traceparent = traceparent
        self.tracestate = tracestate
        self.clientAddress = clientAddress
        self.function = function
    }
}

/// Where the fixed part of an invoke's payload holds what.
///
/// kind 1, flags 1, parameters' count 2, headers' count 2, remaining 8, nine text lengths of 4 (method, path,
/// query, route, request id, traceparent, tracestate, client address, function), parameters' bytes 4, headers'
/// bytes 4; then the texts, the parameters, the headers, and the body to the end of the frame.
enum InvokeLayout {
    static let parameterCount = 2
    static let headerCount = 4
    static let remaining = 6
    static let texts = 14
    static let parameterBytes = 50
    static let headerBytes = 54
    static let fixed = 58
}

/// A decoded invoke.
///
/// Valid as long as the buffer it was decoded from.
package struct InvokeView {
    package let kind: InvocationKind
    package let flags: InvokeFlags
    /// Microseconds left until the deadline when the gateway sent the frame.
    package let remainingMicroseconds: UInt64
    package let texts: InvokeTexts
    /// Path parameters: name and percent-decoded value.
    package let parameters: FieldsView
    package let headers: FieldsView
    /// The body's bytes that came with the head; all of them when `flags` has `endOfBody`.
    package let body: UnsafeRawBufferPointer
    /// The payload before the body.
    let head: UnsafeRawBufferPointer

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        let payload = reader.bytes
        kind = try reader.choice(InvocationKind.self, "kind of invocation")
        flags = InvokeFlags(rawValue: try reader.flags(known: InvokeFlags.known))
        let parameterCount = try reader.count()
        let headerCount = try reader.count()
        remainingMicroseconds = try reader.uint64()
        var lengths = try reader.slice(InvokeLayout.fixed - InvokeLayout.texts)
        func next() -> Int {
            defer { lengths = UnsafeRawBufferPointer(rebasing: lengths[4...]) }
            return Int(UInt32(littleEndian: lengths.loadUnaligned(as: UInt32.self)))
        }
        texts = InvokeTexts(
            method: try reader.slice(next()),
            path: try reader.slice(next()),
            query: try reader.slice(next()),
            route: try reader.slice(next()),
            requestID: try reader.slice(next()),
            traceparent: try reader.slice(next()),
            tracestate: try reader.slice(next()),
            clientAddress: try reader.slice(next()),
            function: try reader.slice(next())
        )
        parameters = try FieldsView(reader.slice(next()), count: parameterCount, frame: reader.frame)
        headers = try FieldsView(reader.slice(next()), count: headerCount, frame: reader.frame)
        head = UnsafeRawBufferPointer(rebasing: payload[..<reader.offset])
        body = reader.rest()
    }
}
