/// Takes in a head line by line, each once it is complete, and makes a `RequestHead` of it.
struct HeadReader: Sendable {
    /// How many bytes from the front were looked at and need not be again.
    private var scanned = 0
    private var lineStart = 0
    private var hasRequestLine = false
    private var skippedEmptyLine = false
    private var line = RequestLine()
    private var fields: [HeaderField] = []
    private var facts = FieldFacts()

    /// Whether no byte of a head has been seen; an empty line before it does not count.
    var isEmpty: Bool { !hasRequestLine && scanned == lineStart }

    /// Takes in the lines that are complete and answers where the head ends, or nil while it does not.
    ///
    /// No line is judged before its end has come, and each byte is judged in its order: so the outcome does not depend
    /// on how the bytes were split. Only a first byte that no request can begin with is refused at once.
    mutating func advance(
        _ bytes: UnsafeRawPointer,
        count: Int,
        limits: RequestLimits
    ) throws(RequestViolation) -> Int? {
        let window = min(count, limits.headBytes)
        var offset = scanned
        if !hasRequestLine, offset == lineStart, offset < window { try checkFirstByte(bytes[offset]) }
        while true {
            offset = LineScanner.firstControl(in: bytes, from: offset, to: window)
            guard offset < window else { break }
            switch bytes[offset] {
            case ASCII.tab:
                offset += 1
            case ASCII.carriageReturn:
                guard offset + 1 < window else {
                    scanned = offset
                    return try incomplete(count, limits)
                }
                guard bytes[offset + 1] == ASCII.lineFeed else { throw RequestViolation(.bareCarriageReturn) }
                let end = offset + 2
                if offset > lineStart {
                    try takeLine(bytes, from: lineStart, to: offset, limits: limits)
                } else if hasRequestLine {
                    return end
                } else if skippedEmptyLine {
                    throw RequestViolation(.malformedRequestLine)
                } else {
                    // Some old clients send an extra line end behind a body (RFC 9112 §2.2).
                    skippedEmptyLine = true
                    if end < window { try checkFirstByte(bytes[end]) }
                }
                offset = end
                lineStart = end
            case ASCII.lineFeed:
                throw RequestViolation(.bareLineFeed)
            default:
                throw RequestViolation(.controlCharacter)
            }
        }
        scanned = offset
        return try incomplete(count, limits)
    }

    private func incomplete(_ count: Int, _ limits: RequestLimits) throws(RequestViolation) -> Int? {
        guard count >= limits.headBytes else { return nil }
        throw RequestViolation(hasRequestLine ? .headTooLarge : .targetTooLong)
    }

    private func checkFirstByte(_ byte: UInt8) throws(RequestViolation) {
        if byte == 0x16 { throw RequestViolation(.tlsOnPlainPort) }
        guard ByteSet.token.contains(byte) || byte == ASCII.carriageReturn || byte == ASCII.lineFeed else {
            throw RequestViolation(.invalidMethod)
        }
    }

    @inline(__always)
    private mutating func takeLine(
        _ bytes: UnsafeRawPointer,
        from start: Int,
        to end: Int,
        limits: RequestLimits
    ) throws(RequestViolation) {
        guard hasRequestLine else {
            line = try RequestLine(bytes, from: start, to: end, limits: limits)
            hasRequestLine = true
            // Most heads have fewer fields; reserved only now, so that an idle connection holds no memory for them.
            fields.reserveCapacity(16)
            return
        }
        guard fields.count < limits.headerCount else { throw RequestViolation(.tooManyFields) }
        let field = try HeaderField(bytes, from: start, to: end)
        if field.kind != .other {
            try facts.take(
                field,
                UnsafeRawBufferPointer(start: bytes + Int(field.value.lower), count: field.value.count)
            )
        }
        fields.append(field)
    }

    /// Makes the head of all lines, once they are there.
    mutating func finish(
        _ bytes: UnsafeRawPointer,
        end: Int,
        limits: RequestLimits
    ) throws(RequestViolation) -> RequestHead {
        let framing = try facts.framing(version: line.version, limits: limits)
        if facts.host.isEmpty, line.version == .http11 { throw RequestViolation(.missingHost) }
        if facts.namesFields { markNamedFields(bytes) }
        let source = UnsafeRawBufferPointer(start: bytes, count: end - 2)
        var copy: [UInt8]
        var path = line.rawPath
        if line.needsCanonicalPath {
            copy = []
            // An escape of a tolerated character makes the path three times as long at most; a slash may come on top.
            copy.reserveCapacity(source.count + 3 * path.count + 1)
            copy.append(contentsOf: source)
            try CanonicalPath.append(source[line.rawPath], to: &copy)
            path = ByteRange(source.count, copy.count)
        } else {
            copy = [UInt8](source)
            if path.isEmpty {
                // An absolute target without a path.
                path = ByteRange(copy.count, copy.count + 1)
                copy.append(line.isServerWide ? ASCII.asterisk : ASCII.slash)
            }
        }
        return RequestHead(
            bytes: copy,
            fields: fields,
            method: line.method,
            target: line.target,
            rawPath: line.rawPath.isEmpty ? path : line.rawPath,
            path: path,
            query: line.query,
            authority: line.authority.isEmpty ? facts.host : line.authority,
            requestID: facts.requestID,
            traceparent: facts.traceparent,
            tracestate: facts.tracestate,
            idempotencyKey: facts.idempotencyKey,
            version: line.version,
            framing: framing,
            keepsAlive: !facts.closes && (line.version == .http11 || facts.keepsAlive),
            expectsContinue: facts.expectsContinue && line.version == .http11,
            isHead: line.methodWord == RequestLine.head,
            isIdempotent: line.hasIdempotentMethod || !facts.idempotencyKey.isEmpty
        )
    }

    /// Marks the fields that `Connection` names as its own (RFC 9110 §7.6.1).
    private mutating func markNamedFields(_ bytes: UnsafeRawPointer) {
        for connection in fields where connection.kind == .connection {
            let value = UnsafeRawBufferPointer(
                start: bytes + Int(connection.value.lower),
                count: connection.value.count
            )
            value.forEachListElement { name in
                for index in fields.indices where fields[index].kind != .host {
                    let range = fields[index].name
                    let other = UnsafeRawBufferPointer(start: bytes + Int(range.lower), count: range.count)
                    if name.equalsIgnoringCase(other) { fields[index].isHopByHop = true }
                }
            }
        }
    }
}

extension UnsafeRawPointer {
    @inline(__always)
    subscript(offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}
