/// A request line, taken apart (RFC 9112 §3).
struct RequestLine: Sendable {
    private(set) var method = ByteRange.empty
    private(set) var target = ByteRange.empty
    /// Empty for an absolute target without a path.
    private(set) var rawPath = ByteRange.empty
    private(set) var query = ByteRange.empty
    /// Empty unless the target is absolute.
    private(set) var authority = ByteRange.empty
    private(set) var version = HTTPVersion.http11
    private(set) var needsCanonicalPath = false
    /// Whether the target is the asterisk, or an absolute one that means the same.
    private(set) var isServerWide = false
    /// The method's bytes as one number, or zero when there are more than eight.
    private(set) var methodWord: UInt64 = 0

    /// A method longer than any that is registered is answered with 501, as RFC 9112 §3 advises.
    private static let longestMethod = 32

    private static let get: UInt64 = 0x47_4554
    static let head: UInt64 = 0x4845_4144
    private static let put: UInt64 = 0x50_5554
    private static let delete: UInt64 = 0x4445_4C45_5445
    private static let options: UInt64 = 0x4F_5054_494F_4E53
    private static let trace: UInt64 = 0x54_5241_4345
    private static let connect: UInt64 = 0x43_4F4E_4E45_4354

    var hasIdempotentMethod: Bool {
        switch methodWord {
        case Self.get, Self.head, Self.put, Self.delete, Self.options, Self.trace: true
        default: false
        }
    }

    init() {}

    /// Takes a line apart that holds no control character but tabs.
    init(_ bytes: UnsafeRawPointer, from start: Int, to end: Int, limits: RequestLimits) throws(RequestViolation) {
        var offset = start
        var word: UInt64 = 0
        while offset < end, ByteSet.token.contains(bytes[offset]) {
            word = word << 8 | UInt64(bytes[offset])
            offset += 1
        }
        method = ByteRange(start, offset)
        guard offset > start, offset < end, bytes[offset] == ASCII.space else { throw RequestViolation(.invalidMethod) }
        guard method.count <= Self.longestMethod else { throw RequestViolation(.methodTooLong) }
        methodWord = method.count <= 8 ? word : 0

        let targetStart = offset + 1
        offset = targetStart
        while offset < end, bytes[offset] != ASCII.space { offset += 1 }
        target = ByteRange(targetStart, offset)
        version = try Self.version(bytes, from: offset, to: end)
        guard methodWord != Self.connect else { throw RequestViolation(.connectNotSupported) }
        guard target.count <= limits.targetBytes else { throw RequestViolation(.targetTooLong) }
        try readTarget(bytes)
    }

    private static func version(
        _ bytes: UnsafeRawPointer,
        from start: Int,
        to end: Int
    ) throws(RequestViolation)
        -> HTTPVersion
    {
        // " HTTP/1.1"
        guard end - start == 9,
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)) & 0xFFFF_FFFF_FFFF
                == 0x2F50_5454_4820,
            ASCII.isDigit(bytes[start + 6]), bytes[start + 7] == ASCII.dot, ASCII.isDigit(bytes[start + 8])
        else { throw RequestViolation(.malformedRequestLine) }
        guard bytes[start + 6] == ASCII.zero + 1 else { throw RequestViolation(.unsupportedVersion) }
        // A higher minor version is answered as the highest one known (RFC 9110 §2.5).
        return bytes[start + 8] == ASCII.zero ? .http10 : .http11
    }

    private mutating func readTarget(_ bytes: UnsafeRawPointer) throws(RequestViolation) {
        guard !target.isEmpty else { throw RequestViolation(.invalidTarget) }
        let start = Int(target.lower)
        switch bytes[start] {
        case ASCII.slash:
            try readPath(bytes, from: start)
        case ASCII.asterisk where target.count == 1:
            guard methodWord == Self.options else { throw RequestViolation(.asteriskWithoutOptions) }
            isServerWide = true
            rawPath = target
        default:
            try readAbsolute(bytes)
        }
    }

    /// Reads a target such as `http://host/path`, as a proxy gets it (RFC 9112 §3.2.2).
    private mutating func readAbsolute(_ bytes: UnsafeRawPointer) throws(RequestViolation) {
        let text = UnsafeRawBufferPointer(start: bytes + Int(target.lower), count: target.count)
        var offset: Int
        if text.count > 7, UnsafeRawBufferPointer(rebasing: text[..<7]).equalsIgnoringCase("http://") {
            offset = 7
        } else if text.count > 8, UnsafeRawBufferPointer(rebasing: text[..<8]).equalsIgnoringCase("https://") {
            offset = 8
        } else {
            throw RequestViolation(.invalidTarget)
        }
        let hostStart = offset
        while offset < text.count, text[offset] != ASCII.slash, text[offset] != ASCII.question { offset += 1 }
        guard HostSyntax.isValid(UnsafeRawBufferPointer(rebasing: text[hostStart..<offset])) else {
            throw RequestViolation(.invalidHost)
        }
        let base = Int(target.lower)
        authority = ByteRange(base + hostStart, base + offset)
        if offset == text.count {
            // `OPTIONS http://host` asks about the whole server (RFC 9112 §3.2.4).
            isServerWide = methodWord == Self.options
        } else {
            try readPath(bytes, from: base + offset)
        }
    }

    /// Reads a path, perhaps empty, and the query behind it.
    private mutating func readPath(_ bytes: UnsafeRawPointer, from start: Int) throws(RequestViolation) {
        let end = Int(target.upper)
        var offset = start
        var previous: UInt8 = 0
        while offset < end {
            let byte = bytes[offset]
            if ByteSet.path.contains(byte) {
                if byte == ASCII.dot, previous == ASCII.slash { needsCanonicalPath = true }
            } else if byte == ASCII.percent || ByteSet.pathTolerated.contains(byte) {
                needsCanonicalPath = true
            } else {
                break
            }
            previous = byte
            offset += 1
        }
        rawPath = ByteRange(start, offset)
        guard offset < end else { return }
        guard bytes[offset] == ASCII.question else { throw RequestViolation(.invalidTarget) }
        offset += 1
        query = ByteRange(offset, end)
        while offset < end {
            guard ByteSet.query.contains(bytes[offset]) else { throw RequestViolation(.invalidTarget) }
            offset += 1
        }
    }
}
