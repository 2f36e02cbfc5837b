/// The head of an invocation, copied out of the connection's buffer: everything but the body.
package struct InvokeHead: Sendable {
    package let kind: InvocationKind
    package let flags: InvokeFlags
    package let remainingMicroseconds: UInt64
    /// The payload's head as it came.
    private let bytes: [UInt8]
    private let textsEnd: Int
    private let parametersEnd: Int
    private let parameterCount: Int
    private let headerCount: Int

    package init(copying view: InvokeView) {
        kind = view.kind
        flags = view.flags
        remainingMicroseconds = view.remainingMicroseconds
        bytes = [UInt8](view.head)
        parametersEnd = view.head.count - view.headers.bytes.count
        textsEnd = parametersEnd - view.parameters.bytes.count
        parameterCount = view.parameters.count
        headerCount = view.headers.count
    }

    /// The texts an invoke carries, in the wire's order.
    package enum Text: Int, Sendable {
        case method
        case path
        case query
        case route
        case requestID
        case traceparent
        case tracestate
        case clientAddress
        case function
    }

    /// One of the texts; bytes that are no UTF-8 become U+FFFD.
    package subscript(_ text: Text) -> String {
        withBytes(of: text) { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the bytes of a text, valid during the call.
    package func withBytes<Result>(of text: Text, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            var start = InvokeLayout.fixed
            var length = 0
            for index in 0...text.rawValue {
                start += length
                let offset = InvokeLayout.texts + 4 * index
                length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
            return body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))
        }
    }

    /// Path parameters with percent-decoded values.
    ///
    /// Shares this head's bytes.
    package var parameters: Fields {
        Fields(checked: bytes, range: textsEnd..<parametersEnd, count: parameterCount)
    }

    /// The headers in order.
    ///
    /// Shares this head's bytes.
    package var headers: Fields {
        Fields(checked: bytes, range: parametersEnd..<bytes.count, count: headerCount)
    }
}
