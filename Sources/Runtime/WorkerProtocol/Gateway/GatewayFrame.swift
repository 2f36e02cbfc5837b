/// A frame from the gateway to a worker.
///
/// Byte slices are valid as long as the buffer they were decoded from.
package enum GatewayFrame {
    /// The answer to a hello that is right.
    case welcome(Welcome)
    /// The answer to a hello that is not; the gateway closes the connection after it.
    case refuse(Refusal)
    /// Takes a slot.
    case invoke(id: UInt32, InvokeView)
    /// More of an event's body.
    case requestBody(id: UInt32, isEnd: Bool, bytes: UnsafeRawBufferPointer)
    /// The worker may send so many bytes more of this response's body.
    case responseCredit(id: UInt32, bytes: UInt32)
    /// The invocation is no longer wanted; the worker still answers it with a frame that returns the slot.
    case cancel(id: UInt32, CancelReason)
    /// Finish what you have, then exit.
    case drain
    /// Asks for a pong.
    case ping
    /// So many invocations wait here and no slot is free: a worker that has slots with other gateways may bring some.
    case want(slots: UInt16)
    /// So many slots that the worker reclaimed are its own again.
    case reclaimed(slots: UInt16)

    /// The first frame of `bytes` and how many bytes it took, or nil when not all of it is there.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        maximumFrame: Int = ProtocolLimits.maximumFrame
    ) throws(ProtocolViolation) -> (frame: GatewayFrame, size: Int)? {
        guard let raw = try RawFrame(bytes, maximumFrame: maximumFrame) else { return nil }
        return (try GatewayFrame(raw), raw.header.frameSize)
    }

    private init(_ raw: RawFrame) throws(ProtocolViolation) {
        var reader = PayloadReader(raw)
        switch raw.header.type {
        case FrameType.invoke:
            let id = try raw.invocation()
            self = .invoke(id: id, try InvokeView(&reader))
        case FrameType.requestBody:
            let id = try raw.invocation()
            let isEnd = try reader.flags(known: BodyFlags.end) != 0
            self = .requestBody(id: id, isEnd: isEnd, bytes: reader.rest())
        case FrameType.responseCredit:
            let id = try raw.invocation()
            self = .responseCredit(id: id, bytes: try reader.uint32())
            try reader.finish()
        case FrameType.cancel:
            let id = try raw.invocation()
            self = .cancel(id: id, try reader.choice(CancelReason.self, "reason to cancel"))
            try reader.finish()
        case FrameType.welcome:
            try raw.requireConnectionLevel()
            self = .welcome(
                Welcome(
                    maximumFrame: try reader.uint32(),
                    window: try reader.uint32(),
                    gatewayID: try reader.text()
                )
            )
            try reader.finish()
        case FrameType.refuse:
            try raw.requireConnectionLevel()
            let code = try reader.choice(Refusal.Code.self, "refusal code")
            self = .refuse(Refusal(code: code, reason: try reader.text()))
            try reader.finish()
        case FrameType.drain:
            try raw.requireConnectionLevel()
            self = .drain
            try reader.finish()
        case FrameType.ping:
            try raw.requireConnectionLevel()
            self = .ping
            try reader.finish()
        case FrameType.want:
            try raw.requireConnectionLevel()
            self = .want(slots: try reader.uint16())
            try reader.finish()
        case FrameType.reclaimed:
            try raw.requireConnectionLevel()
            self = .reclaimed(slots: try reader.uint16())
            try reader.finish()
        default:
            throw ProtocolViolation(.unknownType, frame: raw.header.type, "a gateway sends no frame of this type")
        }
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when it would be larger than a frame may be; the buffer is then as before.
    package func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        switch self {
        case .welcome(let welcome):
            let writer = PayloadWriter(FrameType.welcome, id: 0, to: &buffer)
            writer.integer(welcome.maximumFrame, to: &buffer)
            writer.integer(welcome.window, to: &buffer)
            writer.text(welcome.gatewayID, to: &buffer)
            try writer.finish(&buffer)
        case .refuse(let refusal):
            let writer = PayloadWriter(FrameType.refuse, id: 0, to: &buffer)
            writer.byte(refusal.code.rawValue, to: &buffer)
            writer.message(refusal.reason, to: &buffer)
            try writer.finish(&buffer)
        case .invoke(let id, let view):
            let writer = PayloadWriter(FrameType.invoke, id: id, to: &buffer)
            writer.bytes(view.head, to: &buffer)
            writer.bytes(view.body, to: &buffer)
            try writer.finish(&buffer)
        case .requestBody(let id, let isEnd, let bytes):
            let writer = PayloadWriter(FrameType.requestBody, id: id, to: &buffer)
            writer.byte(isEnd ? BodyFlags.end : 0, to: &buffer)
            writer.bytes(bytes, to: &buffer)
            try writer.finish(&buffer)
        case .responseCredit(let id, let bytes):
            let writer = PayloadWriter(FrameType.responseCredit, id: id, to: &buffer)
            writer.integer(bytes, to: &buffer)
            try writer.finish(&buffer)
        case .cancel(let id, let reason):
            let writer = PayloadWriter(FrameType.cancel, id: id, to: &buffer)
            writer.byte(reason.rawValue, to: &buffer)
            try writer.finish(&buffer)
        case .drain:
            try PayloadWriter(FrameType.drain, id: 0, to: &buffer).finish(&buffer)
        case .ping:
            try PayloadWriter(FrameType.ping, id: 0, to: &buffer).finish(&buffer)
        case .want(let slots):
            let writer = PayloadWriter(FrameType.want, id: 0, to: &buffer)
            writer.integer(slots, to: &buffer)
            try writer.finish(&buffer)
        case .reclaimed(let slots):
            let writer = PayloadWriter(FrameType.reclaimed, id: 0, to: &buffer)
            writer.integer(slots, to: &buffer)
            try writer.finish(&buffer)
        }
    }
}

/// Flags of frames that carry a piece of a body.
enum BodyFlags {
    /// No more of this body follows.
    static let end: UInt8 = 1
    /// The worker is done with the invocation: its slot is free again.
    static let returnsSlot: UInt8 = 2
}
