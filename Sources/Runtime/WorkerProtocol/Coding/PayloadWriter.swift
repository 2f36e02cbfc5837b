/// Appends one frame to a buffer that its caller owns; the length is filled in at the end.
struct PayloadWriter: ~Copyable {
    private let type: UInt8
    private let start: Int

    init(_ type: UInt8, id: UInt32, to buffer: inout [UInt8]) {
        self.type = type
        start = buffer.count
        buffer.append(addingCapacity: FrameHeader.size) { span in
            span.append(little: UInt32(0))
            span.append(type)
            span.append(little: id)
        }
    }

    func byte(_ value: UInt8, to buffer: inout [UInt8]) {
        buffer.append(value)
    }

    func integer<Value: FixedWidthInteger>(_ value: Value, to buffer: inout [UInt8]) {
        buffer.append(addingCapacity: MemoryLayout<Value>.size) { $0.append(little: value) }
    }

    func bytes(_ bytes: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: bytes)
    }

    func text(_ text: String, to buffer: inout [UInt8]) {
        integer(UInt32(truncatingIfNeeded: text.utf8.count), to: &buffer)
        buffer.append(contentsOf: text.utf8)
    }

    /// A text for people, cut off where it is too long (a character cut in two becomes U+FFFD).
    func message(_ message: String, to buffer: inout [UInt8]) {
        if message.utf8.count <= ProtocolLimits.maximumMessage {
            text(message, to: &buffer)
        } else {
            text(String(decoding: message.utf8.prefix(ProtocolLimits.maximumMessage), as: UTF8.self), to: &buffer)
        }
    }

    /// The number of elements of a list; more than two bytes hold is an error.
    func count(_ count: Int, to buffer: inout [UInt8]) throws(ProtocolViolation) {
        guard let short = UInt16(exactly: count) else {
            throw ProtocolViolation(.badValue, frame: type, "a list of \(count); at most \(UInt16.max) are allowed")
        }
        integer(short, to: &buffer)
    }

    /// Fills in the length.
    ///
    /// A frame that is too large is taken out of the buffer again.
    consuming func finish(_ buffer: inout [UInt8]) throws(ProtocolViolation) {
        let length = buffer.count - start - 4
        guard length <= ProtocolLimits.maximumFrame else {
            buffer.removeLast(buffer.count - start)
            throw ProtocolViolation(
                .frameTooLarge,
                frame: type,
                "\(length) bytes; at most \(ProtocolLimits.maximumFrame) are allowed"
            )
        }
        buffer.patch(UInt32(truncatingIfNeeded: length), at: start)
    }

    /// Takes back what was written.
    consuming func abandon(_ buffer: inout [UInt8]) {
        buffer.removeLast(buffer.count - start)
    }
}

extension OutputSpan where Element == UInt8 {
    mutating func append<Value: FixedWidthInteger>(little value: Value) {
        var rest = value
        for _ in 0..<MemoryLayout<Value>.size {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}

extension [UInt8] {
    /// Calls `body` with this array's bytes, valid during the call; unlike `withUnsafeBytes`, errors keep their type.
    package func withRawBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// Overwrites the bytes at `offset`; the caller wrote them before.
    mutating func patch<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self) }
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends bytes; the span has room for them.
    mutating func append(raw bytes: UnsafeRawBufferPointer) {
        withUnsafeMutableBufferPointer { buffer, count in
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                .copyMemory(from: bytes)
            count += bytes.count
        }
    }
}

extension [UInt8] {
    /// Appends one (name, value) pair in the wire's form.
    mutating func append(field name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        append(addingCapacity: 8 + name.count + value.count) { span in
            span.append(little: UInt32(truncatingIfNeeded: name.count))
            span.append(little: UInt32(truncatingIfNeeded: value.count))
            span.append(raw: name)
            span.append(raw: value)
        }
    }
}
