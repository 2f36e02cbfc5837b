/// Reads a payload's fields one after another and never past its end.
struct PayloadReader {
    let frame: UInt8
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ raw: RawFrame) {
        frame = raw.header.type
        bytes = raw.payload
    }

    private mutating func advance(_ count: Int) throws(ProtocolViolation) -> Int {
        guard count >= 0, bytes.count - offset >= count else {
            throw ProtocolViolation(
                .truncated,
                frame: frame,
                "\(count) bytes are needed at offset \(offset) of a payload of \(bytes.count)"
            )
        }
        defer { offset += count }
        return offset
    }

    mutating func byte() throws(ProtocolViolation) -> UInt8 {
        bytes[try advance(1)]
    }

    mutating func uint16() throws(ProtocolViolation) -> UInt16 {
        let start = try advance(2)
        return UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt16.self))
    }

    mutating func uint32() throws(ProtocolViolation) -> UInt32 {
        let start = try advance(4)
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
    }

    mutating func uint64() throws(ProtocolViolation) -> UInt64 {
        let start = try advance(8)
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }

    mutating func slice(_ count: Int) throws(ProtocolViolation) -> UnsafeRawBufferPointer {
        let start = try advance(count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
    }

    /// A text: its length in four bytes, then UTF-8.
    mutating func text() throws(ProtocolViolation) -> String {
        let raw = try slice(Int(uint32()))
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw ProtocolViolation(.badText, frame: frame, "a text that ends at offset \(offset) is not UTF-8")
        }
        return text
    }

    /// A list of texts or pairs: its length in two bytes.
    mutating func count() throws(ProtocolViolation) -> Int {
        Int(try uint16())
    }

    mutating func rest() -> UnsafeRawBufferPointer {
        defer { offset = bytes.count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset...])
    }

    /// Flags of which only `known` may be set.
    mutating func flags(known: UInt8) throws(ProtocolViolation) -> UInt8 {
        let flags = try byte()
        guard flags & ~known == 0 else {
            throw ProtocolViolation(.badValue, frame: frame, "unknown flags 0x\(String(flags & ~known, radix: 16))")
        }
        return flags
    }

    /// A value of a closed set.
    mutating func choice<Choice: RawRepresentable>(
        _ type: Choice.Type,
        _ name: StaticString
    ) throws(ProtocolViolation) -> Choice where Choice.RawValue == UInt8 {
        let raw = try byte()
        guard let choice = Choice(rawValue: raw) else {
            throw ProtocolViolation(.badValue, frame: frame, "\(raw) is no \(name)")
        }
        return choice
    }

    /// Checks that nothing is left.
    func finish() throws(ProtocolViolation) {
        guard offset == bytes.count else {
            throw ProtocolViolation(.trailingBytes, frame: frame, "\(bytes.count - offset) bytes after the last field")
        }
    }
}
