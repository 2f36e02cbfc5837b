package import HTTPWire
package import NIOCore

/// Cuts what comes on a connection into requests, and holds no more than what is unfinished of them.
package struct RequestReader {
    private var parser = RequestParser(limits: RequestLimits(bodyBytes: 0))
    private var unread = ByteBuffer()
    private var head: RequestHead?

    package init() {}

    /// How many bytes of memory it holds.
    package var capacity: Int { unread.capacity }

    package mutating func append(_ part: ByteBuffer) {
        if unread.readableBytes == 0 {
            unread = part
        } else {
            var part = part
            unread.discardReadBytes()
            unread.writeBuffer(&part)
        }
    }

    /// The next whole request; `nil` where more has to come first.
    ///
    /// - Throws: `RequestViolation` for what is no request, or one with a body.
    package mutating func next() throws -> RequestHead? {
        while true {
            let step = try unread.withUnsafeReadableBytes { try parser.next($0) }
            unread.moveReaderIndex(forwardBy: step.consumed)
            switch step.event {
            case .needMore: return nil
            case .head(let next): head = next
            case .end: if let request = head.take() { return request }
            default: break
            }
        }
    }
}
