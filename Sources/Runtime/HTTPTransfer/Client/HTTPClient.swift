import Synchronization

/// Sends requests to other services.
///
/// All requests of a client share one thread, which the first of them starts, and its connections, which are kept for
/// further requests. Redirects are not followed. A request in a cancelled task ends at once.
///
/// A kept connection that turns out to be closed is replaced and the request sent again if not one byte of a response
/// had come, whatever its method; give requests that must not be repeated an idempotency key.
public final class HTTPClient: Sendable {
    let loop: TransferLoop
    private let lastID = Atomic<UInt64>(0)

    /// Makes a client; starts nothing.
    public init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        loop = TransferLoop(configuration: configuration)
    }

    deinit {
        loop.stop(then: nil)
    }

    /// Sends a request and returns the whole response, whatever its status.
    ///
    /// - Throws: ``HTTPClientError`` if there is no whole response.
    public func execute(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        try request.check()
        let ticket = TransferTicket(id: nextID())
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.start(Transfer.Plan(ticket: ticket, request: request, receiver: .whole(continuation)))
            }
        } onCancel: {
            loop.cancel(ticket)
        }
        return try result.get()
    }

    /// Sends a request and returns when the head of the response is there; the body comes piece by piece.
    ///
    /// The sender is held up while the pieces are not read. Letting go of the body ends the transfer; letting go of the
    /// client does not.
    ///
    /// - Throws: ``HTTPClientError`` if there is no response.
    public func stream(
        _ request: HTTPClientRequest
    ) async throws(HTTPClientError) -> (head: HTTPClientResponseHead, body: HTTPClientBody) {
        try request.check()
        let ticket = TransferTicket(id: nextID())
        let buffer = BodyBuffer(limit: loop.configuration.streamBuffer)
        let body = HTTPClientBody(buffer: buffer, client: self, ticket: ticket)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.start(Transfer.Plan(ticket: ticket, request: request, receiver: .stream(continuation, buffer)))
            }
        } onCancel: {
            loop.cancel(ticket)
        }
        return (try result.get(), body)
    }

    /// Ends all requests under way, the connections and the thread.
    public func close() async {
        await withCheckedContinuation { continuation in
            loop.stop(then: continuation)
        }
    }

    private func nextID() -> UInt64 {
        lastID.add(1, ordering: .relaxed).newValue
    }
}
