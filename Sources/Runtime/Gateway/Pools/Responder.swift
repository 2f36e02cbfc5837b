import Dispatching
import NIOCore
import WorkerProtocol

/// Whoever waits for an invocation's response: a client's connection, or a schedule.
///
/// Belongs to one event loop.
protocol InvocationClient: AnyObject {
    /// Which of its requests is under way; answers to former ones are dropped.
    var request: UInt64 { get }

    /// A worker has a slot for the invocation: send it there.
    func handOut(_ id: InvocationID, to worker: WorkerLink, isRetry: Bool)
    /// The worker's response begins.
    func respond(_ view: ResponseView)
    /// The worker's response goes on.
    func respondMore(_ bytes: UnsafeRawBufferPointer, isEnd: Bool)
    /// The worker has room for so many bytes more of the event's body.
    func addCredit(_ bytes: Int)
    /// There will be no response of a worker.
    func fail(_ problem: GatewayProblem)
}

/// The request an invocation was made of, wherever its client runs.
struct Responder: Sendable {
    let client: NIOLoopBound<any InvocationClient>
    let loop: any EventLoop
    /// Which request of the client.
    let request: UInt64

    /// Runs `body` on the client's loop, at once where that is this one, if the request is still the current one.
    func perform(_ body: @escaping @Sendable (any InvocationClient) -> Void) {
        if loop.inEventLoop {
            performHere(body)
        } else {
            loop.execute { performHere(body) }
        }
    }

    /// As ``perform(_:)``, for a caller who is on the client's loop.
    func performHere(_ body: (any InvocationClient) -> Void) {
        let client = client.value
        guard client.request == request else { return }
        body(client)
    }
}

/// An invocation for a worker's slot, with those whom it concerns.
struct Handout: Sendable {
    let pool: PoolDriver
    let id: InvocationID
    let worker: WorkerLink
    let responder: Responder
    let isRetry: Bool

    func perform() {
        if responder.loop.inEventLoop {
            performHere()
        } else {
            responder.loop.execute { performHere() }
        }
    }

    private func performHere() {
        let client = responder.client.value
        if client.request == responder.request {
            client.handOut(id, to: worker, isRetry: isRetry)
        } else {
            // The client went away in between: no worker has heard of it.
            pool.withdraw(id)
        }
    }
}
