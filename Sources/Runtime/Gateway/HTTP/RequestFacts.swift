import HTTPWire

/// What the gateway adds to a request, in one run of bytes: its id, its trace context, its client's address.
struct RequestFacts: Sendable {
    let bytes: [UInt8]
    private let requestIDEnd: Int
    private let traceparentEnd: Int

    /// A request's own id and trace are kept where they are valid; the gateway's span is a new one in that trace.
    init(_ head: RequestHead, clientAddress: [UInt8], random: () -> UInt64) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        head.bytes.withUnsafeBytes { raw in
            let given = raw[head.requestID]
            if Self.isRequestID(given) {
                bytes.append(contentsOf: given)
            } else {
                Self.append(random(), to: &bytes)
            }
        }
        requestIDEnd = bytes.count
        head.bytes.withUnsafeBytes { raw in
            let given = raw[head.traceparent]
            if Self.isTraceparent(given) {
                bytes.append(contentsOf: given[..<36])
                Self.append(random() | 1, to: &bytes)
                bytes.append(contentsOf: given[52..<55])
            } else {
                bytes.append(contentsOf: "00-".utf8)
                Self.append(random() | 1, to: &bytes)
                Self.append(random(), to: &bytes)
                bytes.append(UInt8(ascii: "-"))
                Self.append(random() | 1, to: &bytes)
                bytes.append(contentsOf: "-00".utf8)
            }
        }
        traceparentEnd = bytes.count
        bytes.append(contentsOf: clientAddress)
        self.bytes = bytes
    }

    var requestID: Range<Int> { 0..<requestIDEnd }
    var traceparent: Range<Int> { requestIDEnd..<traceparentEnd }
    var clientAddress: Range<Int> { traceparentEnd..<bytes.count }

    /// The id as text, for a problem document.
    var requestIDText: String { String(decoding: bytes[requestID], as: UTF8.self) }

    /// Whether a client's id may be kept: 1 to 128 visible characters without quotes and backslash.
    private static func isRequestID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        (1...128).contains(bytes.count)
            && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// W3C Trace Context §3.2.2: version 00, or a later one that begins alike.
    private static func isTraceparent(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return false }
        guard isHex(bytes[0..<2]), isHex(bytes[3..<35]), isHex(bytes[36..<52]), isHex(bytes[53..<55]) else {
            return false
        }
        let isInvalidVersion = bytes[0] == UInt8(ascii: "f") && bytes[1] == UInt8(ascii: "f")
        return !isInvalidVersion && bytes[3..<35].contains { $0 != zero } && bytes[36..<52].contains { $0 != zero }
    }

    private static let dash = UInt8(ascii: "-")
    private static let zero = UInt8(ascii: "0")

    private static func isHex(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        bytes.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
    }

    private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
            bytes.append(digit < 10 ? zero + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}
