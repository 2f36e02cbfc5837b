import Dispatching
import NIOCore
import Time
import WorkerProtocol

/// An invocation that time made rather than a request: its response is gathered and given back.
final class TimedInvocation: InvocationClient {
    let request: UInt64 = 1

    private let pool: PoolDriver
    private let message: InvokeMessage
    private let promise: EventLoopPromise<TimedResponse>
    private let deadline: NIODeadline
    private var response: TimedResponse?
    private var worker: WorkerLink?
    private var id: InvocationID?

    init(_ message: InvokeMessage, pool: PoolDriver, promise: EventLoopPromise<TimedResponse>) {
        self.message = message
        self.pool = pool
        self.promise = promise
        deadline = NIODeadline(.now + pool.function.limits.timeout)
    }

    /// Asks the pool for a slot; the promise is kept when the response is complete.
    func start(on loop: any EventLoop) {
        let responder = Responder(client: NIOLoopBound(self, eventLoop: loop), loop: loop, request: request)
        switch pool.arrive(isRetryable: true, responder: responder, now: .now) {
        case .dispatch(let id, let worker): handOut(id, to: worker, isRetry: false)
        case .queued: break
        case .refused(let refusal): fail(.refused(refusal))
        }
    }

    func handOut(_ id: InvocationID, to worker: WorkerLink, isRetry: Bool) {
        self.id = id
        self.worker = worker
        var message = message
        message.remaining = .nanoseconds(max((deadline - .now()).nanoseconds, 0))
        if isRetry { message.flags.insert(.retried) }
        worker.send { out in
            // Its texts are short and it has no body.
            try? message.append(id: id.raw, to: &out)
        }
    }

    func respond(_ view: ResponseView) {
        response = TimedResponse(status: Int(view.status), body: [UInt8](view.body))
        view.isEnd ? finish() : pay(view.body.count)
    }

    func respondMore(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        let room = max(0, TimedResponse.mostBytes - (response?.body.count ?? 0))
        response?.body += bytes.prefix(room)
        isEnd ? finish() : pay(bytes.count)
    }

    func addCredit(_ bytes: Int) {}

    func fail(_ problem: GatewayProblem) {
        var problem = problem
        if let lateness = problem.lateness {
            problem = .deadlinePassed(lateness, timeout: pool.function.limits.timeout)
        }
        promise.succeed(TimedResponse(status: problem.status, body: [UInt8](problem.detail.utf8)))
    }

    private func finish() {
        promise.succeed(response ?? TimedResponse(status: 500, body: []))
    }

    private func pay(_ bytes: Int) {
        guard bytes > 0, let id else { return }
        worker?.send { out in
            // A frame of fixed size always fits.
            try? GatewayFrame.responseCredit(id: id.raw, bytes: UInt32(clamping: bytes)).append(to: &out)
        }
    }
}

/// What a function answered to the time.
package struct TimedResponse: Sendable {
    /// No more of a body is kept.
    static let mostBytes = 64 << 10

    package let status: Int
    package internal(set) var body: [UInt8]

    /// What was said of a failure, as far as a line of a log holds it; nothing where there was none.
    package var complaint: String {
        status >= 400 ? String(decoding: body.prefix(500), as: UTF8.self) : ""
    }
}
