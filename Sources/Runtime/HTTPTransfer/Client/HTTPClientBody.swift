/// The body of a response, piece by piece, for one reader.
public struct HTTPClientBody: AsyncSequence, Sendable {
    /// Some bytes, never none.
    public typealias Element = [UInt8]
    /// Why the body ends before its end.
    public typealias Failure = HTTPClientError

    private let owner: Owner

    init(buffer: BodyBuffer, client: HTTPClient, ticket: TransferTicket) {
        owner = Owner(buffer: buffer, client: client, ticket: ticket)
    }

    /// Makes what reads the pieces; a body is read once, by one task at a time.
    public func makeAsyncIterator() -> Iterator {
        Iterator(owner: owner)
    }

    /// Reads the pieces.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let owner: Owner

        /// The next piece, `nil` after the last.
        ///
        /// - Throws: ``HTTPClientError`` if the body ends before its end.
        public mutating func next() async throws(HTTPClientError) -> [UInt8]? {
            try await owner.next()
        }
    }

    /// Ends the transfer when nobody can read the body any more; until then its client goes on.
    fileprivate final class Owner: Sendable {
        private let buffer: BodyBuffer
        private let client: HTTPClient
        private let ticket: TransferTicket

        private var loop: TransferLoop { client.loop }

        init(buffer: BodyBuffer, client: HTTPClient, ticket: TransferTicket) {
            self.buffer = buffer
            self.client = client
            self.ticket = ticket
        }

        deinit {
            loop.cancel(ticket)
        }

        func next() async throws(HTTPClientError) -> [UInt8]? {
            while true {
                switch buffer.take() {
                case .piece(let piece, let wasHeldUp):
                    if wasHeldUp { loop.resume(ticket) }
                    return piece
                case .end(nil): return nil
                case .end(let error?): throw error
                case .nothingYet:
                    await withTaskCancellationHandler {
                        await buffer.wait()
                    } onCancel: {
                        loop.cancel(ticket)
                    }
                }
            }
        }
    }
}
