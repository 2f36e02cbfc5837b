import HTTPWire

/// What a parser made of some bytes, in a form that is easily compared.
struct Transcript: Equatable, CustomStringConvertible {
    enum Entry: Equatable {
        case head(method: String, path: String, query: String, host: String, fields: [String], RequestFraming)
        /// Parts that came one after another are put together.
        case body([UInt8])
        case end
        case refused(RequestViolation.Reason)
    }

    private(set) var entries: [Entry] = []
    private(set) var heads: [RequestHead] = []
    /// How many bytes were consumed.
    private(set) var consumed = 0
    private(set) var isBetweenRequests = true

    var violation: RequestViolation.Reason? {
        if case .refused(let reason) = entries.last { return reason }
        return nil
    }

    var body: [UInt8] {
        entries.reduce(into: []) { body, entry in
            if case .body(let part) = entry { body += part }
        }
    }

    /// Feeds the bytes in pieces that end at the given offsets, and at the end.
    init(_ bytes: [UInt8], splitAt splits: some Sequence<Int> = [], limits: RequestLimits = RequestLimits()) {
        var parser = RequestParser(limits: limits)
        for end in Array(splits) + [bytes.count] {
            if violation != nil { return }
            drain(&parser, bytes, upTo: end)
        }
        isBetweenRequests = parser.isBetweenRequests
    }

    private mutating func drain(_ parser: inout RequestParser, _ bytes: [UInt8], upTo end: Int) {
        while true {
            do {
                // A copy of its own, so that a look beyond the end is one beyond an allocation.
                let unread = Array(bytes[consumed..<end])
                let step = try unread.withUnsafeBytes { try parser.next($0) }
                switch step.event {
                case .needMore:
                    consumed += step.consumed
                    return
                case .head(let head):
                    heads.append(head)
                    entries.append(Self.entry(head))
                case .body(let range):
                    append(body: unread[range])
                case .end:
                    entries.append(.end)
                }
                consumed += step.consumed
            } catch {
                if let violation = error as? RequestViolation { entries.append(.refused(violation.reason)) }
                return
            }
        }
    }

    private mutating func append(body part: ArraySlice<UInt8>) {
        if case .body(let earlier) = entries.last {
            entries[entries.count - 1] = .body(earlier + part)
        } else {
            entries.append(.body(Array(part)))
        }
    }

    private static func entry(_ head: RequestHead) -> Entry {
        .head(
            method: head.text(head.method),
            path: head.text(head.path),
            query: head.text(head.query),
            host: head.text(head.authority),
            fields: head.fields.map { "\(head.text($0.name))=\(head.text($0.value))\($0.isHopByHop ? " (hop)" : "")" },
            head.framing
        )
    }

    static func == (left: Transcript, right: Transcript) -> Bool { left.entries == right.entries }

    var description: String { entries.map { "\($0)" }.joined(separator: "; ") }
}

extension Transcript {
    init(_ text: String, limits: RequestLimits = RequestLimits()) {
        self.init(Array(text.utf8), limits: limits)
    }

    /// The transcripts of the bytes split in two at each position, and fed one by one.
    static func allSplits(of bytes: [UInt8], limits: RequestLimits = RequestLimits()) -> [Transcript] {
        let halves = bytes.indices.map { Transcript(bytes, splitAt: [$0], limits: limits) }
        return halves + [Transcript(bytes, splitAt: bytes.indices, limits: limits)]
    }
}
