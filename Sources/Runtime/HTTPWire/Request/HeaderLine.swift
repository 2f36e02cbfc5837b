extension HeaderField {
    /// Takes a header line apart that holds no control character but tabs (RFC 9112 §5).
    @inline(__always)
    init(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) throws(RequestViolation) {
        var offset = start
        while offset < end, ByteSet.token.contains(bytes[offset]) { offset &+= 1 }
        guard offset < end, offset > start, bytes[offset] == ASCII.colon else {
            throw Self.violation(bytes, from: start, to: end, stoppedAt: offset)
        }
        name = ByteRange(start, offset)
        kind = Kind(name: UnsafeRawBufferPointer(start: bytes + start, count: offset - start))
        isHopByHop = kind.isHopByHop
        var lower = offset &+ 1
        var upper = end
        while lower < upper, bytes[lower] == ASCII.space || bytes[lower] == ASCII.tab { lower &+= 1 }
        while upper > lower, bytes[upper - 1] == ASCII.space || bytes[upper - 1] == ASCII.tab { upper &-= 1 }
        value = ByteRange(lower, upper)
    }

    /// Why a line is no header field whose name ends at `offset`.
    private static func violation(
        _ bytes: UnsafeRawPointer,
        from start: Int,
        to end: Int,
        stoppedAt offset: Int
    ) -> RequestViolation {
        guard offset < end else { return RequestViolation(.missingColon) }
        switch bytes[offset] {
        case ASCII.colon: return RequestViolation(.emptyFieldName)
        case ASCII.space, ASCII.tab: return RequestViolation(offset == start ? .foldedLine : .whitespaceBeforeColon)
        default: return RequestViolation(.invalidFieldName)
        }
    }
}
