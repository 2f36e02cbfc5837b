/// The nine bytes before every payload: length (of what follows it), type, invocation id; little-endian.
package struct FrameHeader: Equatable, Sendable {
    /// The bytes a header takes on the wire, the length field included.
    package static let size = 9

    /// Bytes after the length field: type, id and payload.
    package let length: Int
    package let type: UInt8
    /// The invocation's id on this connection; 0 for frames that concern the connection.
    package let id: UInt32

    /// All bytes of the frame on the wire.
    package var frameSize: Int { length + 4 }

    /// The header at the start of `bytes`, or nil when not all of it is there.
    ///
    /// - Throws: `ProtocolViolation` as soon as the length shows that the frame cannot be right.
    package static func peek(
        _ bytes: UnsafeRawBufferPointer,
        maximumFrame: Int = ProtocolLimits.maximumFrame
    ) throws(ProtocolViolation) -> FrameHeader? {
        guard bytes.count >= 4 else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        let type = bytes.count > 4 ? bytes[4] : 0
        guard length >= 5 else {
            throw ProtocolViolation(.frameTooShort, frame: type, "a length of \(length); at least 5 is needed")
        }
        guard length <= maximumFrame else {
            throw ProtocolViolation(.frameTooLarge, frame: type, "\(length) bytes; at most \(maximumFrame) are allowed")
        }
        guard bytes.count >= size else { return nil }
        let id = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 5, as: UInt32.self))
        return FrameHeader(length: length, type: type, id: id)
    }
}

/// A whole frame at the start of a buffer, its payload not yet looked at.
struct RawFrame {
    let header: FrameHeader
    let payload: UnsafeRawBufferPointer

    /// The frame at the start of `bytes`, or nil when not all of it is there.
    init?(_ bytes: UnsafeRawBufferPointer, maximumFrame: Int) throws(ProtocolViolation) {
        guard let header = try FrameHeader.peek(bytes, maximumFrame: maximumFrame),
            bytes.count >= header.frameSize
        else { return nil }
        self.header = header
        payload = UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.size..<header.frameSize])
    }

    /// The id of a frame that concerns an invocation.
    func invocation() throws(ProtocolViolation) -> UInt32 {
        guard header.id != 0 else {
            throw ProtocolViolation(.badIdentifier, frame: header.type, "it needs an invocation id; it has 0")
        }
        return header.id
    }

    /// Checks that a frame that concerns the connection names no invocation.
    func requireConnectionLevel() throws(ProtocolViolation) {
        guard header.id == 0 else {
            throw ProtocolViolation(
                .badIdentifier,
                frame: header.type,
                "it concerns the connection; its id is \(header.id)"
            )
        }
    }
}
