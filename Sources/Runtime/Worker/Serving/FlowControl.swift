import WorkerProtocol

/// An event's body on its way to the handler.
///
/// At most a window of bytes is held; the gateway gets credit as the handler takes them.
struct RequestBody {
    typealias Reader = CheckedContinuation<[UInt8]?, any Error>

    private var chunks: [[UInt8]]
    private var isEnded: Bool
    /// Bytes the gateway may still send.
    private var window: Int
    /// Bytes taken by the handler that the gateway has no credit for yet.
    private var owed = 0
    private var reader: Reader?

    init(first: [UInt8], isEnded: Bool, window: Int) {
        chunks = first.isEmpty ? [] : [first]
        self.isEnded = isEnded
        self.window = window
    }

    /// The next piece at once, or nil: the reader waits until it comes.
    mutating func take(_ reader: Reader) -> Result<[UInt8]?, any Error>? {
        guard self.reader == nil else { return .failure(BodyReadTwice()) }
        // Pieces are few (a window's worth), so taking the first of the array is cheap.
        if !chunks.isEmpty { return .success(chunks.removeFirst()) }
        if isEnded { return .success(nil) }
        self.reader = reader
        return nil
    }

    /// All of the body, when all of it is here and nobody took any.
    mutating func takeWhole() -> [UInt8]? {
        guard isEnded, chunks.count <= 1, owed == 0 else { return nil }
        defer { chunks = [] }
        return chunks.first ?? []
    }

    mutating func takeWaiting() -> Reader? {
        defer { reader = nil }
        return reader
    }

    /// Notes that the handler took bytes; returns the credit to send now.
    mutating func consumed(_ count: Int) -> Int {
        guard !isEnded else { return 0 }
        owed += count
        guard owed >= ProtocolLimits.initialWindow / 4 else { return 0 }
        defer { owed = 0 }
        window += owed
        return owed
    }

    /// Takes bytes from the gateway; returns the reader to resume, if one waits.
    mutating func append(
        _ bytes: [UInt8],
        isEnd: Bool
    ) throws(ProtocolViolation) -> (Reader, [UInt8]?)? {
        guard !isEnded else {
            throw ProtocolViolation(.unexpectedFrame, frame: 0x04, "more of a body that has ended")
        }
        guard bytes.count <= window else {
            throw ProtocolViolation(
                .unexpectedFrame,
                frame: 0x04,
                "\(bytes.count) body bytes with a credit of \(window)"
            )
        }
        window -= bytes.count
        isEnded = isEnd
        if let reader, !bytes.isEmpty || isEnd {
            self.reader = nil
            return (reader, bytes.isEmpty ? nil : bytes)
        }
        if !bytes.isEmpty { chunks.append(bytes) }
        return nil
    }
}

/// What may be sent of a response's body.
struct ResponseCredit {
    typealias Writer = CheckedContinuation<Int, any Error>

    private(set) var credit: Int
    private var waiting: (writer: Writer, wanted: Int)?

    init(credit: Int) {
        self.credit = credit
    }

    /// Grants up to `wanted` bytes at once, or nil: the writer waits for credit.
    mutating func take(_ wanted: Int, _ writer: Writer) -> Result<Int, any Error>? {
        guard waiting == nil else { return .failure(BodyWrittenTwice()) }
        guard credit > 0 else {
            waiting = (writer, wanted)
            return nil
        }
        let grant = min(wanted, credit)
        credit -= grant
        return .success(grant)
    }

    mutating func takeWaiting() -> Writer? {
        defer { waiting = nil }
        return waiting?.writer
    }

    /// Adds credit; returns the writer to resume with its grant, if one waits.
    mutating func add(_ bytes: Int) -> (Writer, Int)? {
        credit += bytes
        guard let (writer, wanted) = waiting, credit > 0 else { return nil }
        waiting = nil
        let grant = min(wanted, credit)
        credit -= grant
        return (writer, grant)
    }
}

/// Two tasks write one body at the same time.
package struct BodyWrittenTwice: Error, CustomStringConvertible {
    package var description: String { "the response's body is already being written by another task" }
}
