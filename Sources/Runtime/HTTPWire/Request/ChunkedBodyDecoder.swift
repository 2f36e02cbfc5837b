/// Takes the chunks of a body apart, byte by byte between their data (RFC 9112 §7.1).
///
/// Trailer fields are checked and dropped: RFC 9110 §6.5.1 lets a recipient ignore them, and nothing here may merge
/// them into the head.
struct ChunkedBodyDecoder: Sendable {
    private enum State: Sendable {
        case firstSizeDigit
        case sizeDigit
        case extensionSpace
        case extensionText
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
    }

    private static let longestSize = 15

    /// Bytes of data that the body may have in all.
    var bodyLimit: Int
    private var state = State.firstSizeDigit
    private var digits = 0
    /// The size of the chunk while it is read, then what is left of its data.
    private var remaining = 0
    private var received = 0
    private var extensionBytesLeft: Int
    private var trailerBytesLeft: Int

    init(limits: RequestLimits) {
        bodyLimit = limits.bodyBytes
        extensionBytesLeft = limits.chunkExtensionBytes
        trailerBytesLeft = limits.trailerBytes
    }

    /// Looks at the unread bytes; all that belongs to the framing is consumed at once.
    mutating func next(_ unread: UnsafeRawBufferPointer) throws(RequestViolation) -> RequestParser.Step {
        var offset = 0
        while offset < unread.count {
            if case .data = state {
                let count = min(remaining, unread.count - offset)
                remaining -= count
                if remaining == 0 { state = .dataCarriageReturn }
                return RequestParser.Step(.body(offset..<offset + count), consumed: offset + count)
            }
            let isLast = try take(unread[offset])
            offset += 1
            if isLast { return RequestParser.Step(.end, consumed: offset) }
        }
        return RequestParser.Step(.needMore, consumed: offset)
    }

    /// Takes one byte of framing in and answers whether the body ends with it.
    private mutating func take(_ byte: UInt8) throws(RequestViolation) -> Bool {
        switch state {
        case .firstSizeDigit, .sizeDigit, .extensionSpace, .extensionText, .sizeLineFeed:
            try takeSizeLine(byte)
        case .data, .dataCarriageReturn:
            guard byte == ASCII.carriageReturn else { throw RequestViolation(.missingChunkEnd) }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == ASCII.lineFeed else { throw RequestViolation(.missingChunkEnd) }
            state = .firstSizeDigit
        case .lastLineFeed:
            guard byte == ASCII.lineFeed else { throw RequestViolation(.bareCarriageReturn) }
            return true
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed:
            try takeTrailer(byte)
        }
        return false
    }

    private mutating func takeSizeLine(_ byte: UInt8) throws(RequestViolation) {
        switch state {
        case .firstSizeDigit:
            guard let digit = ASCII.hexValue(byte) else { throw RequestViolation(.invalidChunkSize) }
            remaining = Int(digit)
            digits = 1
            state = .sizeDigit
        case .sizeDigit:
            if let digit = ASCII.hexValue(byte) {
                // Fifteen digits fit without overflow.
                guard digits < Self.longestSize else { throw RequestViolation(.invalidChunkSize) }
                remaining = remaining << 4 | Int(digit)
                digits += 1
            } else if byte == ASCII.carriageReturn {
                state = .sizeLineFeed
            } else if byte == ASCII.semicolon {
                try takeExtensionByte()
                state = .extensionText
            } else if byte == ASCII.space || byte == ASCII.tab {
                try takeExtensionByte()
                state = .extensionSpace
            } else {
                throw RequestViolation(.invalidChunkSize)
            }
        case .extensionSpace:
            try takeExtensionByte()
            if byte == ASCII.semicolon {
                state = .extensionText
            } else if byte != ASCII.space, byte != ASCII.tab {
                throw RequestViolation(.invalidChunkExtension)
            }
        case .extensionText:
            if byte == ASCII.carriageReturn {
                state = .sizeLineFeed
            } else {
                guard ASCII.isFieldValue(byte) else { throw RequestViolation(.invalidChunkExtension) }
                try takeExtensionByte()
            }
        default:
            guard byte == ASCII.lineFeed else { throw RequestViolation(.bareCarriageReturn) }
            guard remaining <= bodyLimit - received else { throw RequestViolation(.bodyTooLarge) }
            received += remaining
            state = remaining > 0 ? .data : .trailerStart
        }
    }

    private mutating func takeExtensionByte() throws(RequestViolation) {
        guard extensionBytesLeft > 0 else { throw RequestViolation(.chunkExtensionsTooLarge) }
        extensionBytesLeft -= 1
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(RequestViolation) {
        if case .trailerStart = state, byte == ASCII.carriageReturn {
            state = .lastLineFeed
            return
        }
        guard trailerBytesLeft > 0 else { throw RequestViolation(.trailersTooLarge) }
        trailerBytesLeft -= 1
        switch state {
        case .trailerStart:
            guard ByteSet.token.contains(byte) else { throw RequestViolation(.invalidTrailer) }
            state = .trailerName
        case .trailerName:
            if byte == ASCII.colon {
                state = .trailerValue
            } else {
                guard ByteSet.token.contains(byte) else { throw RequestViolation(.invalidTrailer) }
            }
        case .trailerValue:
            if byte == ASCII.carriageReturn {
                state = .trailerLineFeed
            } else {
                guard ASCII.isFieldValue(byte) else { throw RequestViolation(.invalidTrailer) }
            }
        default:
            guard byte == ASCII.lineFeed else { throw RequestViolation(.invalidTrailer) }
            state = .trailerStart
        }
    }
}
