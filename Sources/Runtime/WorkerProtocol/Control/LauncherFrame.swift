/// A frame from the launcher to a template.
package enum LauncherFrame: Equatable, Sendable {
    /// Fork a worker; answered by `forked` or `forkFailed` with the same request (any number but 0).
    case spawn(request: UInt32, Spawn)
    /// End all workers and exit.
    case shutdown

    /// The first frame of `bytes` and how many bytes it took, or nil when not all of it is there.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProtocolViolation) -> (frame: LauncherFrame, size: Int)? {
        guard let raw = try RawFrame(bytes, maximumFrame: ProtocolLimits.maximumFrame) else { return nil }
        return (try LauncherFrame(raw), raw.header.frameSize)
    }

    private init(_ raw: RawFrame) throws(ProtocolViolation) {
        var reader = PayloadReader(raw)
        switch raw.header.type {
        case FrameType.spawn:
            self = .spawn(request: try raw.invocation(), try Spawn(&reader))
        case FrameType.shutdown:
            try raw.requireConnectionLevel()
            self = .shutdown
        default:
            throw ProtocolViolation(.unknownType, frame: raw.header.type, "a launcher sends no frame of this type")
        }
        try reader.finish()
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when it would be larger than a frame may be; the buffer is then as before.
    package func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        switch self {
        case .spawn(let request, let spawn):
            try spawn.append(request: request, to: &buffer)
        case .shutdown:
            try PayloadWriter(FrameType.shutdown, id: 0, to: &buffer).finish(&buffer)
        }
    }
}
