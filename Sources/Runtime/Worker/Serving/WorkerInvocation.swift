import Synchronization
package import WorkerProtocol

/// One invocation under way in this worker: its event, its body's two directions, its cancellation.
package final class WorkerInvocation: Sendable {
    package let id: UInt32
    package let head: InvokeHead
    /// When it must have ended, on this machine's monotonic clock.
    package let deadline: Int64

    private let connection: WorkerConnection
    private let state: Mutex<State>
    /// The handler's task while it runs.
    ///
    /// The lock keeps it from ending while it is cancelled. Cancellation handlers run within the lock, and none of
    /// them comes back to it; it is apart from `state`, which they need.
    private let task = Mutex<CancellableTask?>(nil)

    struct State {
        var request: RequestBody
        var response: ResponseCredit
        var cancelled: CancelReason?
        var headWasSent = false
        var hasEnded = false
    }

    init(id: UInt32, _ view: InvokeView, now: Int64, window: Int, connection: WorkerConnection) {
        self.id = id
        head = InvokeHead(copying: view)
        let remaining = Int64(clamping: view.remainingMicroseconds).multipliedReportingOverflow(by: 1_000)
        let (deadline, overflow) = now.addingReportingOverflow(remaining.overflow ? .max : remaining.partialValue)
        self.deadline = overflow ? .max : deadline
        self.connection = connection
        let request = RequestBody(
            first: [UInt8](view.body),
            isEnded: view.flags.contains(.endOfBody),
            window: ProtocolLimits.initialWindow - view.body.count
        )
        state = Mutex(State(request: request, response: ResponseCredit(credit: window)))
    }

    /// The way its answer takes.
    var outbox: Outbox { connection.outbox }

    /// Why nobody wants the answer any more, or nil.
    package var cancelReason: CancelReason? { state.withLock { $0.cancelled } }

    /// The time left until the deadline; zero when it has passed.
    package var remaining: Duration { .nanoseconds(max(0, deadline - MonotonicClock.now())) }

    // MARK: Running

    /// Starts the handler as a task of the thread pool.
    ///
    /// The connection's table holds the invocation until its task has ended, and the worker does not exit before
    /// the table is empty: the task is awaited, though by nobody's `await`.
    func start(_ handler: @escaping Handler) {
        Task { await self.run(handler) }
    }

    /// Starts the handler as a task that runs on this thread until it first waits, then where the executor has it run.
    func startHere(_ handler: @escaping Handler, _ executor: TurnExecutor) {
        Task.immediate(executorPreference: executor) { await self.run(handler) }
    }

    private func run(_ handler: Handler) async {
        await withUnsafeCurrentTask { current in
            task.withLock { $0 = current.map(CancellableTask.init) }
            // Cancelled before there was a task to cancel.
            if cancelReason != nil { current?.cancel() }
            await answer(handler)
            task.withLock { $0 = nil }
        }
    }

    private func answer(_ handler: Handler) async {
        var failure: InvocationFailure?
        do {
            let response = try await handler(self)
            if cancelReason == nil { try await send(response) }
        } catch let thrown as InvocationFailure {
            failure = thrown
        } catch {
            failure = InvocationFailure(code: .handlerThrew, message: "\(error)")
        }
        // A response that is already complete stands, however late the cancellation came.
        let isComplete = state.withLock { $0.hasEnded }
        if isComplete { return }
        if let reason = cancelReason {
            failure = InvocationFailure(code: .cancelled, message: "cancelled: \(reason)")
        }
        end(with: failure ?? InvocationFailure(code: .badResponse, message: "the handler ended without a response"))
    }

    private func end(with failure: InvocationFailure) {
        finish { (buffer) throws(ProtocolViolation) in
            try WorkerFrame.failure(id: id, returnsSlot: true, failure).append(to: &buffer)
        }
    }

    /// Ends the invocation with its last frame.
    ///
    /// The id is given up before the frame is sent: once the gateway has it, it may use the id again.
    private func finish(_ encode: (inout [UInt8]) throws(ProtocolViolation) -> Void) {
        state.withLock { $0.hasEnded = true }
        connection.forget(id)
        do {
            try connection.outbox.send(encode)
        } catch {
            // Only frames whose size was checked come here; the gateway is still told.
            connection.report(.error, "an answer could not be encoded: \(error)")
            connection.send(.failure(id: id, returnsSlot: true, .init(code: .tooLarge, message: "\(error)")))
        }
        connection.invocationEnded()
    }

    // MARK: Response

    private func send(_ response: WorkerResponse) async throws {
        guard (200...599).contains(response.status) else {
            throw InvocationFailure(code: .badResponse, message: "\(response.status) is no final status (200 to 599)")
        }
        let overhead = 64 + response.headers.byteCount
        guard overhead < connection.maximumFrame, response.headers.count <= UInt16.max else {
            let size = "\(response.headers.count) headers of \(response.headers.byteCount) bytes"
            throw InvocationFailure(code: .tooLarge, message: "the response's head is too large: \(size)")
        }
        switch response.body {
        case .bytes(let bytes):
            let room = connection.maximumFrame - overhead
            let window = state.withLock { $0.response.credit }
            if bytes.count <= min(window, room) {
                return finish { (buffer) throws(ProtocolViolation) in
                    try self.append(response, bytes, isEnd: true, to: &buffer)
                }
            }
            try sendHead(response)
            try await send(bytes, isEnd: true)
        case .stream(let write):
            try sendHead(response)
            try await write(ResponseStream(invocation: self))
            try await send([], isEnd: true)
        }
    }

    private func sendHead(_ response: WorkerResponse) throws(ProtocolViolation) {
        state.withLock { $0.headWasSent = true }
        try connection.outbox.send { (buffer) throws(ProtocolViolation) in
            try self.append(response, [], isEnd: false, to: &buffer)
        }
    }

    private func append(
        _ response: WorkerResponse,
        _ body: [UInt8],
        isEnd: Bool,
        to buffer: inout [UInt8]
    ) throws(ProtocolViolation) {
        try response.headers.withView { (headers) throws(ProtocolViolation) in
            try body.withRawBytes { (body) throws(ProtocolViolation) in
                let view = ResponseView(
                    isEnd: isEnd,
                    returnsSlot: isEnd,
                    status: response.status,
                    headers: headers,
                    body: body
                )
                try WorkerFrame.response(id: id, view).append(to: &buffer)
            }
        }
    }

    /// Sends body bytes after the head, as credit allows; the last piece gives the slot back.
    func send(_ bytes: [UInt8], isEnd: Bool) async throws {
        var sent = 0
        repeat {
            var size = 0
            if sent < bytes.count {
                let wanted = min(bytes.count - sent, connection.maximumFrame - 64)
                size = try await credit(wanted)
            }
            try Task.checkCancellation()
            let range = sent..<sent + size
            sent += size
            let isLast = isEnd && sent == bytes.count
            let encode: (inout [UInt8]) throws(ProtocolViolation) -> Void = { (buffer) throws(ProtocolViolation) in
                try bytes.withRawBytes { (bytes) throws(ProtocolViolation) in
                    let piece = UnsafeRawBufferPointer(rebasing: bytes[range])
                    try WorkerFrame.responseBody(id: self.id, isEnd: isLast, returnsSlot: isLast, bytes: piece)
                        .append(to: &buffer)
                }
            }
            if isLast {
                finish(encode)
            } else if size > 0 {
                try connection.outbox.send(encode)
            }
        } while sent < bytes.count
    }

    /// Waits until at least one byte may be sent; at most `wanted` are granted.
    private func credit(_ wanted: Int) async throws -> Int {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
                let result = state.withLock { state -> Result<Int, any Error>? in
                    if state.cancelled != nil || Task.isCancelled { return .failure(CancellationError()) }
                    return state.response.take(wanted, continuation)
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = state.withLock { $0.response.takeWaiting() }
            waiting?.resume(throwing: CancellationError())
        }
    }

    /// The gateway has room for `bytes` more of the response's body.
    func credited(_ bytes: Int) {
        let ready = state.withLock { $0.response.add(bytes) }
        if let (continuation, grant) = ready { continuation.resume(returning: grant) }
    }

    // MARK: Request body

    /// The next piece of the event's body, or nil at its end.
    ///
    /// - Throws: `CancellationError` when the invocation was cancelled; `BodyReadTwice` when two tasks read at once.
    package func nextChunk() async throws -> [UInt8]? {
        let chunk: [UInt8]? = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<[UInt8]?, any Error>) in
                let result = state.withLock { state -> Result<[UInt8]?, any Error>? in
                    if state.cancelled != nil || Task.isCancelled { return .failure(CancellationError()) }
                    return state.request.take(continuation)
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = state.withLock { $0.request.takeWaiting() }
            waiting?.resume(throwing: CancellationError())
        }
        if let chunk {
            let credit = state.withLock { $0.request.consumed(chunk.count) }
            if credit > 0 { connection.send(.requestCredit(id: id, bytes: UInt32(truncatingIfNeeded: credit))) }
        }
        return chunk
    }

    /// The whole body when all of it came with the event, without waiting.
    package func takeWholeBody() -> [UInt8]? {
        state.withLock { $0.request.takeWhole() }
    }

    /// More of the event's body came.
    func received(_ bytes: [UInt8], isEnd: Bool) throws(ProtocolViolation) {
        let waiting = try state.withLock { (state) throws(ProtocolViolation) in
            try state.request.append(bytes, isEnd: isEnd)
        }
        if let (continuation, chunk) = waiting { continuation.resume(returning: chunk) }
    }

    // MARK: Cancellation

    /// Cancels the handler's task and whatever of it waits here.
    ///
    /// The first reason stands.
    func cancel(_ reason: CancelReason) {
        let (reader, writer) = state.withLock { state -> (RequestBody.Reader?, ResponseCredit.Writer?) in
            guard state.cancelled == nil, !state.hasEnded else { return (nil, nil) }
            state.cancelled = reason
            let waiting = (state.request.takeWaiting(), state.response.takeWaiting())
            return waiting
        }
        reader?.resume(throwing: CancellationError())
        writer?.resume(throwing: CancellationError())
        task.withLock { $0?.cancel() }
    }
}

/// The task of an invocation, to be cancelled from any thread while it runs.
///
/// Unchecked: `UnsafeCurrentTask.cancel` may be called from any thread while the task exists, which whoever keeps
/// this makes sure of.
struct CancellableTask: @unchecked Sendable {
    private let task: UnsafeCurrentTask

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    func cancel() {
        task.cancel()
    }
}

/// Two tasks read one body at the same time.
package struct BodyReadTwice: Error, CustomStringConvertible {
    package var description: String { "the request's body is already being read by another task" }
}
