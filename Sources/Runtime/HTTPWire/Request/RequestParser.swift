/// Reads the requests of one connection, one after another, from whatever bytes have arrived (RFC 9112).
///
/// The parser does no input or output. Give it the connection's unread bytes, act on the event, drop the bytes it
/// consumed, and ask again until it needs more:
///
///     let step = try parser.next(unread)
///     unread.removeFirst(step.consumed)
///
/// How the bytes were split into reads changes nothing about the result. Bytes that were looked at once and not
/// consumed are not looked at again, so a head that comes byte by byte costs no more than one that comes whole.
package struct RequestParser: Sendable {
    /// What the unread bytes begin with.
    package enum Event: Sendable {
        /// Nothing complete; read more, then ask again.
        case needMore
        /// A request begins.
        case head(RequestHead)
        /// A part of its body, at this range of the bytes given.
        case body(Range<Int>)
        /// The request is complete; the next call begins another.
        case end
    }

    /// An event, and how many of the bytes given are done with.
    package struct Step: Sendable {
        /// What was found.
        package let event: Event
        /// How many bytes to drop from the front before the next call.
        package let consumed: Int

        @inline(__always)
        init(_ event: Event, consumed: Int) {
            self.event = event
            self.consumed = consumed
        }
    }

    private enum Phase: Sendable {
        case head
        case fixedBody(remaining: Int)
        case chunkedBody(ChunkedBodyDecoder)
        case refused(RequestViolation)
    }

    private let limits: RequestLimits
    private var phase: Phase = .head
    private var head = HeadReader()

    /// Makes a parser for a new connection.
    package init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
    }

    /// Whether the connection is between two requests, with no byte of another one seen: it may be closed.
    package var isBetweenRequests: Bool {
        if case .head = phase { return head.isEmpty }
        return false
    }

    /// Looks at the connection's unread bytes.
    ///
    /// The bytes must begin where the last call's consumed bytes ended.
    /// - Throws: `RequestViolation` when the request is refused: answer with its status and close the connection.
    package mutating func next(_ unread: UnsafeRawBufferPointer) throws(RequestViolation) -> Step {
        do throws(RequestViolation) {
            switch phase {
            case .head:
                guard let base = unread.baseAddress,
                    let end = try head.advance(base, count: unread.count, limits: limits)
                else { return Step(.needMore, consumed: 0) }
                let request = try head.finish(base, end: end, limits: limits)
                head = HeadReader()
                switch request.framing {
                case .none: phase = .fixedBody(remaining: 0)
                case .contentLength(let count): phase = .fixedBody(remaining: count)
                case .chunked: phase = .chunkedBody(ChunkedBodyDecoder(limits: limits))
                }
                return Step(.head(request), consumed: end)
            case .fixedBody(remaining: 0):
                phase = .head
                return Step(.end, consumed: 0)
            case .fixedBody(let remaining):
                let count = min(remaining, unread.count)
                guard count > 0 else { return Step(.needMore, consumed: 0) }
                phase = .fixedBody(remaining: remaining - count)
                return Step(.body(0..<count), consumed: count)
            case .chunkedBody(var decoder):
                let step = try decoder.next(unread)
                if case .end = step.event { phase = .head } else { phase = .chunkedBody(decoder) }
                return step
            case .refused(let violation):
                throw violation
            }
        } catch {
            phase = .refused(error)
            throw error
        }
    }

    /// Narrows the body limit of the request under way, for a route that allows less than `RequestLimits` do.
    ///
    /// Call it between the head and the first part of the body.
    /// - Throws: `bodyTooLarge` when the announced length is beyond the limit already.
    package mutating func limitBody(to bytes: Int) throws(RequestViolation) {
        switch phase {
        case .fixedBody(let remaining) where remaining > bytes:
            let violation = RequestViolation(.bodyTooLarge)
            phase = .refused(violation)
            throw violation
        case .chunkedBody(var decoder):
            decoder.bodyLimit = min(decoder.bodyLimit, bytes)
            phase = .chunkedBody(decoder)
        case .head, .fixedBody, .refused:
            break
        }
    }

    /// Says that the client sends no more.
    /// - Throws: `truncated` when that cuts a request short.
    package func endOfInput() throws(RequestViolation) {
        if case .fixedBody(remaining: 0) = phase { return }
        guard isBetweenRequests else { throw RequestViolation(.truncated) }
    }
}
