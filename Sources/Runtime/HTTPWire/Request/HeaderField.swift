/// Where a header field stands in its head, and what it means to the connection.
package struct HeaderField: Sendable, Hashable {
    /// The name as it was sent.
    package let name: ByteRange
    /// The value without the white space around it.
    package let value: ByteRange
    /// Which of the fields that HTTP/1.1 gives a meaning this is.
    package let kind: Kind
    /// Whether the field concerns this connection alone and must not be forwarded (RFC 9110 §7.6.1).
    package internal(set) var isHopByHop: Bool

    /// The fields that the parser knows.
    package enum Kind: UInt8, Sendable {
        case other
        case host
        case connection
        case contentLength
        case transferEncoding
        case expect
        case idempotencyKey
        case requestID
        case traceparent
        case tracestate
        /// `Keep-Alive`, `TE`, `Trailer`, `Upgrade` and all that begin with `Proxy-`.
        case hopByHop
    }
}

extension HeaderField.Kind {
    /// The kind of a field by its name.
    @inline(__always)
    init(name: UnsafeRawBufferPointer) {
        self = .other
        switch name.count {
        case 2: if name.equalsIgnoringCase("te") { self = .hopByHop }
        case 4: if name.equalsIgnoringCase("host") { self = .host }
        case 6: if name.equalsIgnoringCase("expect") { self = .expect }
        case 7:
            if name.equalsIgnoringCase("upgrade") || name.equalsIgnoringCase("trailer") { self = .hopByHop }
        case 10:
            if name.equalsIgnoringCase("connection") {
                self = .connection
            } else if name.equalsIgnoringCase("tracestate") {
                self = .tracestate
            } else if name.equalsIgnoringCase("keep-alive") {
                self = .hopByHop
            }
        case 11: if name.equalsIgnoringCase("traceparent") { self = .traceparent }
        case 12: if name.equalsIgnoringCase("x-request-id") { self = .requestID }
        case 14: if name.equalsIgnoringCase("content-length") { self = .contentLength }
        case 15: if name.equalsIgnoringCase("idempotency-key") { self = .idempotencyKey }
        case 17: if name.equalsIgnoringCase("transfer-encoding") { self = .transferEncoding }
        default: break
        }
        if self == .other, name.count > 6, name[0] | 0x20 == 0x70,
            UnsafeRawBufferPointer(rebasing: name[..<6]).equalsIgnoringCase("proxy-")
        {
            self = .hopByHop
        }
    }

    /// Whether fields of this kind always concern one connection alone.
    var isHopByHop: Bool { self == .hopByHop || self == .connection || self == .transferEncoding }
}
