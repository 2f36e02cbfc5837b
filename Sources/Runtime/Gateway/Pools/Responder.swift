import Dispatching
import NIOCore
import Time

/// The request an invocation was made of, wherever its connection runs.
struct Responder: Sendable {
    let connection: NIOLoopBound<HTTPConnection>
    let loop: any EventLoop
    /// Which request of the connection: a late answer to an earlier one is dropped.
    let request: UInt64

    /// Runs `body` on the connection's loop, at once where that is this one, if the request is still the current one.
    func perform(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
        if loop.inEventLoop {
            performHere(body)
        } else {
            loop.execute { performHere(body) }
        }
    }

    /// As ``perform(_:)``, for a caller who is on the connection's loop.
    func performHere(_ body: (HTTPConnection) -> Void) {
        let connection = connection.value
        guard connection.request == request else { return }
        body(connection)
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
        let connection = responder.connection.value
        if connection.request == responder.request {
            connection.handOut(id, to: worker, isRetry: isRetry)
        } else {
            // The client went away in between: no worker has heard of it.
            pool.withdraw(id)
        }
    }
}
