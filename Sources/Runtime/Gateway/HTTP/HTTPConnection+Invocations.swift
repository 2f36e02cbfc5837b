import Dispatching
import HTTPWire
import NIOCore
import Time
import WorkerProtocol

/// Invocations: asked a slot for, sent to a worker, their bodies under its window.
extension HTTPConnection {
    /// Asks the pool for a slot.
    func enqueue() {
        guard let context, let next = current else { return }
        phase = .waiting
        let pool = next.target.pool
        let now = Instant.now
        current?.deadline = NIODeadline(now + next.target.function.limits.timeout)
        let isRepeatable = next.head.isIdempotent && next.bodyEnded && next.target.function.isRetried
        current?.isRepeatable = isRepeatable
        let responder = Responder(
            client: NIOLoopBound(self, eventLoop: context.eventLoop),
            loop: context.eventLoop,
            request: request
        )
        switch pool.arrive(isRetryable: isRepeatable, responder: responder, now: now) {
        case .dispatch(let id, let worker): handOut(id, to: worker, isRetry: false)
        case .queued(let id): current?.invocation = id
        case .refused(let refusal): answer(.refused(refusal))
        }
    }

    /// Sends the invocation to a worker that has a slot for it.
    func handOut(_ id: InvocationID, to worker: WorkerLink, isRetry: Bool) {
        guard current != nil else { return }
        current?.invocation = id
        current?.worker = worker
        var failure: (any Error)?
        worker.send { out in
            do { try current?.invoke(id, isRetry: isRetry, to: &out) } catch { failure = error }
        }
        guard failure != nil else { return }
        current?.target.pool.withdraw(id)
        current?.invocation = nil
        answer(.violation(status: 431, "The request's head is too large for the function."), closing: true)
    }

    func sendBody() {
        guard let id = current?.invocation, let worker = current?.worker else { return }
        var sends = true
        while sends {
            sends = false
            worker.send { out in sends = current?.sendMore(id, to: &out) ?? false }
        }
    }

    /// The worker has room for so many body bytes more.
    func addCredit(_ bytes: Int) {
        current?.window += bytes
        sendBody()
        advance()
    }

    func cancelInvocation() {
        guard let current, let id = current.invocation else { return }
        self.current?.invocation = nil
        current.target.pool.cancel(id, now: .now)
    }

    /// The worker may send as many bytes more as the client has taken.
    func owe(_ bytes: Int) {
        guard bytes > 0 else { return }
        current?.owedCredit += bytes
        if context?.channel.isWritable == true { payCredit() }
    }

    func payCredit() {
        guard let request = current, request.owedCredit > 0, let id = request.invocation else { return }
        current?.owedCredit = 0
        request.worker?.send { out in
            // A frame of fixed size always fits.
            try? GatewayFrame.responseCredit(id: id.raw, bytes: UInt32(clamping: request.owedCredit)).append(to: &out)
        }
    }
}
