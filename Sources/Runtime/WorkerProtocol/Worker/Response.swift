/// A response's head with the first bytes of its body.
///
/// Valid as long as the buffer it was decoded from.
package struct ResponseView {
    /// The body in this frame is all there is.
    package var isEnd: Bool
    /// The worker is done with the invocation: its slot is free again.
    package var returnsSlot: Bool
    package var status: UInt16
    package var headers: FieldsView
    package var body: UnsafeRawBufferPointer

    package init(
        isEnd: Bool,
        returnsSlot: Bool,
        status: UInt16,
        headers: FieldsView,
        body: UnsafeRawBufferPointer
    ) {
        self.isEnd = isEnd
        self.returnsSlot = returnsSlot
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        let flags = try reader.flags(known: BodyFlags.end | BodyFlags.returnsSlot)
        isEnd = flags & BodyFlags.end != 0
        returnsSlot = flags & BodyFlags.returnsSlot != 0
        status = try reader.uint16()
        guard (200...599).contains(status) else {
            throw ProtocolViolation(.badValue, frame: reader.frame, "\(status) is no final status (200 to 599)")
        }
        let count = try reader.count()
        headers = try FieldsView(reader.slice(Int(reader.uint32())), count: count, frame: reader.frame)
        body = reader.rest()
    }

    func append(id: UInt32, to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.response, id: id, to: &buffer)
        guard let count = UInt16(exactly: headers.count) else {
            writer.abandon(&buffer)
            throw ProtocolViolation(.badValue, frame: FrameType.response, "more than \(UInt16.max) headers")
        }
        buffer.append(addingCapacity: 9 + headers.bytes.count + body.count) { span in
            span.append((isEnd ? BodyFlags.end : 0) | (returnsSlot ? BodyFlags.returnsSlot : 0))
            span.append(little: status)
            span.append(little: count)
            span.append(little: UInt32(truncatingIfNeeded: headers.bytes.count))
            span.append(raw: headers.bytes)
            span.append(raw: body)
        }
        try writer.finish(&buffer)
    }
}

/// Why an invocation ended without a response, or in the middle of one.
package struct InvocationFailure: Error, Equatable, Sendable {
    package enum Code: UInt8, Sendable {
        /// The handler threw an error that is no answer.
        case handlerThrew = 1
        /// The handler ended after it had been cancelled.
        case cancelled = 2
        /// The response is larger than a frame or a limit allows.
        case tooLarge = 3
        /// The handler's response is not valid HTTP.
        case badResponse = 4
    }

    package var code: Code
    /// What happened, for logs; clients never see it.
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
