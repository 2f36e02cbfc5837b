/// A frame from a worker to the gateway.
///
/// Byte slices are valid as long as the buffer they were decoded from.
package enum WorkerFrame {
    /// The first frame.
    case hello(Hello)
    /// So many slots more.
    case offer(slots: UInt16)
    /// The head of a response and the first bytes of its body.
    case response(id: UInt32, ResponseView)
    /// More of a response's body.
    case responseBody(id: UInt32, isEnd: Bool, returnsSlot: Bool, bytes: UnsafeRawBufferPointer)
    /// The gateway may send so many bytes more of this event's body.
    case requestCredit(id: UInt32, bytes: UInt32)
    /// The invocation ended without a (whole) response.
    case failure(id: UInt32, returnsSlot: Bool, InvocationFailure)
    /// No more slots will be offered, and none that is free counts any more.
    case leaving
    /// The handler could not be made ready; the worker exits.
    case startFailed(message: String)
    /// The answer to a ping.
    case pong
    /// Gives back so many slots it offered: those that are free now, the others as they come free.
    ///
    /// Until the gateway says `reclaimed` they are the gateway's: an invocation that crosses this frame is served.
    case reclaim(slots: UInt16)

    /// The first frame of `bytes` and how many bytes it took, or nil when not all of it is there.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        maximumFrame: Int = ProtocolLimits.maximumFrame
    ) throws(ProtocolViolation) -> (frame: WorkerFrame, size: Int)? {
        guard let raw = try RawFrame(bytes, maximumFrame: maximumFrame) else { return nil }
        return (try WorkerFrame(raw), raw.header.frameSize)
    }

    private init(_ raw: RawFrame) throws(ProtocolViolation) {
        var reader = PayloadReader(raw)
        let body = BodyFlags.end | BodyFlags.returnsSlot
        switch raw.header.type {
        case FrameType.response:
            let id = try raw.invocation()
            self = .response(id: id, try ResponseView(&reader))
        case FrameType.responseBody:
            let id = try raw.invocation()
            let flags = try reader.flags(known: body)
            self = .responseBody(
                id: id,
                isEnd: flags & BodyFlags.end != 0,
                returnsSlot: flags & BodyFlags.returnsSlot != 0,
                bytes: reader.rest()
            )
        case FrameType.requestCredit:
            let id = try raw.invocation()
            self = .requestCredit(id: id, bytes: try reader.uint32())
            try reader.finish()
        case FrameType.failure:
            let id = try raw.invocation()
            let returnsSlot = try reader.flags(known: BodyFlags.returnsSlot) != 0
            let code = try reader.choice(InvocationFailure.Code.self, "failure code")
            let failure = InvocationFailure(code: code, message: try reader.text())
            self = .failure(id: id, returnsSlot: returnsSlot, failure)
            try reader.finish()
        case FrameType.hello:
            try raw.requireConnectionLevel()
            self = .hello(try Hello(&reader))
            try reader.finish()
        case FrameType.offer:
            try raw.requireConnectionLevel()
            self = .offer(slots: try reader.uint16())
            try reader.finish()
        case FrameType.leaving:
            try raw.requireConnectionLevel()
            self = .leaving
            try reader.finish()
        case FrameType.startFailed:
            try raw.requireConnectionLevel()
            self = .startFailed(message: try reader.text())
            try reader.finish()
        case FrameType.pong:
            try raw.requireConnectionLevel()
            self = .pong
            try reader.finish()
        case FrameType.reclaim:
            try raw.requireConnectionLevel()
            self = .reclaim(slots: try reader.uint16())
            try reader.finish()
        default:
            throw ProtocolViolation(.unknownType, frame: raw.header.type, "a worker sends no frame of this type")
        }
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when it would be larger than a frame may be; the buffer is then as before.
    package func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        switch self {
        case .hello(let hello):
            try hello.append(to: &buffer)
        case .offer(let slots):
            let writer = PayloadWriter(FrameType.offer, id: 0, to: &buffer)
            writer.integer(slots, to: &buffer)
            try writer.finish(&buffer)
        case .response(let id, let view):
            try view.append(id: id, to: &buffer)
        case .responseBody(let id, let isEnd, let returnsSlot, let bytes):
            let writer = PayloadWriter(FrameType.responseBody, id: id, to: &buffer)
            writer.byte((isEnd ? BodyFlags.end : 0) | (returnsSlot ? BodyFlags.returnsSlot : 0), to: &buffer)
            writer.bytes(bytes, to: &buffer)
            try writer.finish(&buffer)
        case .requestCredit(let id, let bytes):
            let writer = PayloadWriter(FrameType.requestCredit, id: id, to: &buffer)
            writer.integer(bytes, to: &buffer)
            try writer.finish(&buffer)
        case .failure(let id, let returnsSlot, let failure):
            let writer = PayloadWriter(FrameType.failure, id: id, to: &buffer)
            writer.byte(returnsSlot ? BodyFlags.returnsSlot : 0, to: &buffer)
            writer.byte(failure.code.rawValue, to: &buffer)
            writer.message(failure.message, to: &buffer)
            try writer.finish(&buffer)
        case .leaving:
            try PayloadWriter(FrameType.leaving, id: 0, to: &buffer).finish(&buffer)
        case .startFailed(let message):
            let writer = PayloadWriter(FrameType.startFailed, id: 0, to: &buffer)
            writer.message(message, to: &buffer)
            try writer.finish(&buffer)
        case .pong:
            try PayloadWriter(FrameType.pong, id: 0, to: &buffer).finish(&buffer)
        case .reclaim(let slots):
            let writer = PayloadWriter(FrameType.reclaim, id: 0, to: &buffer)
            writer.integer(slots, to: &buffer)
            try writer.finish(&buffer)
        }
    }
}
