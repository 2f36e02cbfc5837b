import Glibc
import Synchronization
import WorkerProtocol

/// A process that serves one function over one connection: its main thread reads, tasks run the handlers.
///
/// The main thread does not run the main actor: a handler that needs `@MainActor` would wait for ever.
struct WorkerProcess: ~Copyable {
    /// How a worker ends.
    enum Ending: Equatable {
        /// It drained: everything it had was answered.
        case drained
        /// It was asked to leave, and the grace was over before its invocations were.
        case graceOver(unfinished: Int)
        case gatewayGone
        case refused(Refusal)
        case startFailed
        case violation(ProtocolViolation)
        case broken(SystemError)

        var exitCode: Int32 {
            switch self {
            case .drained, .gatewayGone: 0
            case .graceOver, .refused, .startFailed, .violation, .broken: 1
            }
        }
    }

    private let identity: WorkerIdentity
    private let definition: HandlerDefinition
    private let socket: CInt
    private let signals: Signals
    private let grace: Int64
    private let connection: WorkerConnection
    private let started = StartResult()
    private var startTask: Task<Void, Never>?
    private var buffer = ReadBuffer()

    private var handler: Handler?
    private var slots = 0
    private var window: Int?
    /// Nothing before this instant is overdue; it may be too early, never too late.
    private var nextDeadline: Int64?
    private var graceEnds: Int64?
    private var saidLeaving = false
    private var wasDrained = false

    /// Takes a connected socket.
    ///
    /// `grace` is how long a SIGTERM lets invocations go on.
    init(
        identity: WorkerIdentity,
        definition: HandlerDefinition,
        socket: CInt,
        signals: Signals,
        grace: Duration = .seconds(25),
        report: @escaping @Sendable (ReportLevel, String) -> Void
    ) throws(SystemError) {
        self.identity = identity
        self.definition = definition
        self.socket = socket
        self.signals = signals
        self.grace = grace.components.seconds * 1_000_000_000
        connection = WorkerConnection(socket: socket, wake: try Wake(), report: report)
    }

    /// Says hello, makes the handler ready, serves until the end.
    mutating func run(token: String) -> Ending {
        connection.send(
            .hello(
                Hello(
                    token: token,
                    workerID: identity.workerID,
                    function: identity.function,
                    revision: identity.revision,
                    concurrency: identity.concurrency,
                    pid: UInt32(getpid())
                )
            )
        )
        startHandler()
        let ending: Ending
        do {
            ending = try serve()
        } catch let violation as ProtocolViolation {
            ending = .violation(violation)
        } catch let error as SystemError {
            ending = .broken(error)
        } catch {
            ending = .broken(SystemError("serve: \(error)", code: 0))
        }
        settle(after: ending)
        return ending
    }

    /// Makes the handler ready in a task, so that the read loop can answer meanwhile; its end wakes the loop.
    private mutating func startHandler() {
        let (started, wake, definition, identity) = (started, connection.wake, definition, identity)
        startTask = Task {
            do {
                started.set(.success(try await definition.start(identity)))
            } catch {
                started.set(.failure(error))
            }
            wake.now()
        }
    }

    // MARK: Loop

    private mutating func serve() throws -> Ending {
        while true {
            if let ending = nextEnding() { return ending }
            let isFull = connection.outbox.isFull
            let until = min(nextDeadline ?? .max, graceEnds ?? .max)
            let events = try Poll.wait(
                [.read(socket, orWrite: isFull), .read(connection.wake.descriptor), .read(signals.descriptor)],
                nanoseconds: until == .max ? nil : until - MonotonicClock.now()
            )
            if events[1].canRead { connection.wake.clear() }
            if isFull, events[0].canWrite { connection.outbox.resume() }
            if events[2].canRead { handleSignals() }
            if handler == nil, let ending = takeStart() { return ending }
            if events[0].canRead, let ending = try receive() { return ending }
            cancelOverdue()
        }
    }

    /// How the worker ends now, or nil.
    private func nextEnding() -> Ending? {
        guard saidLeaving else { return nil }
        let running = connection.runningCount
        if wasDrained, running == 0, connection.outbox.isEmpty { return .drained }
        if let graceEnds, MonotonicClock.now() >= graceEnds { return .graceOver(unfinished: running) }
        return nil
    }

    private mutating func takeStart() -> Ending? {
        switch started.value {
        case nil:
            return nil
        case .success(let handler):
            self.handler = handler
            if !saidLeaving {
                slots = Int(identity.concurrency)
                connection.send(.offer(slots: identity.concurrency))
            }
            return nil
        case .failure(let error):
            if saidLeaving, error is CancellationError { return nil }
            connection.report(.error, "\(identity.handler) could not start: \(error)")
            connection.send(.startFailed(message: "\(error)"))
            return .startFailed
        }
    }

    private mutating func handleSignals() {
        while signals.next() != nil {
            leave()
            graceEnds = graceEnds ?? MonotonicClock.now() + grace
        }
    }

    private mutating func leave() {
        guard !saidLeaving else { return }
        saidLeaving = true
        if handler == nil { startTask?.cancel() }
        connection.announceEnd()
        connection.send(.leaving)
    }

    private mutating func cancelOverdue() {
        guard let next = nextDeadline else { return }
        let now = MonotonicClock.now()
        if next <= now { nextDeadline = connection.cancelOverdue(now: now) }
    }

    // MARK: Input

    private mutating func receive() throws -> Ending? {
        switch try buffer.receive(from: socket) {
        case nil: return nil
        case 0: return .gatewayGone
        default: break
        }
        let now = MonotonicClock.now()
        while let (frame, size) = try GatewayFrame.decode(buffer.unread) {
            if case .refuse(let refusal) = frame { return .refused(refusal) }
            try handle(frame, now: now)
            buffer.consume(size)
        }
        buffer.reserve(try FrameHeader.peek(buffer.unread)?.frameSize ?? FrameHeader.size)
        return nil
    }

    private mutating func handle(_ frame: GatewayFrame, now: Int64) throws(ProtocolViolation) {
        switch frame {
        case .invoke(let id, let view):
            try invoke(id, view, now: now)
        case .requestBody(let id, let isEnd, let bytes):
            // An invocation that is not here ended while this was under way.
            try connection.invocation(id)?.received([UInt8](bytes), isEnd: isEnd)
        case .responseCredit(let id, let bytes):
            connection.invocation(id)?.credited(Int(bytes))
        case .cancel(let id, let reason):
            connection.invocation(id)?.cancel(reason)
        case .welcome(let welcome):
            window = Int(welcome.window)
            connection.maximumFrame = min(ProtocolLimits.maximumFrame, Int(welcome.maximumFrame))
        case .drain:
            leave()
            wasDrained = true
        case .ping:
            connection.send(.pong)
        case .refuse:
            break  // The loop ended on it.
        }
    }

    private mutating func invoke(_ id: UInt32, _ view: InvokeView, now: Int64) throws(ProtocolViolation) {
        guard let handler, let window else {
            throw ProtocolViolation(.unexpectedFrame, frame: 0x03, "an invoke before welcome and offer")
        }
        guard view.body.count <= ProtocolLimits.initialWindow else {
            throw ProtocolViolation(
                .unexpectedFrame,
                frame: 0x03,
                "\(view.body.count) body bytes, more than the window"
            )
        }
        let invocation = WorkerInvocation(id: id, view, now: now, window: window, connection: connection)
        do throws(WorkerConnection.Refusal) {
            try connection.add(invocation, slots: slots)
        } catch {
            let reason =
                switch error {
                case .idInUse: "invocation \(id) is under way already"
                case .noFreeSlot: "an invoke without a free slot (\(slots) offered)"
                }
            throw ProtocolViolation(.unexpectedFrame, frame: 0x03, reason)
        }
        nextDeadline = min(nextDeadline ?? .max, invocation.deadline)
        invocation.start(handler)
    }

    // MARK: End

    /// Cancels what still runs, gives it a moment, and gets the last frames out.
    private mutating func settle(after ending: Ending) {
        startTask?.cancel()
        connection.announceEnd()
        connection.cancelAll(.shutdown)
        let end = MonotonicClock.now() + 1_000_000_000
        while connection.runningCount > 0 || !connection.outbox.isEmpty {
            let left = end - MonotonicClock.now()
            let isFull = connection.outbox.isFull
            // Nothing that comes in now is answered.
            let interests: [2 of Poll.Interest] = [
                .read(connection.wake.descriptor), isFull ? .write(socket) : .nothing,
            ]
            guard left > 0, let events = try? Poll.wait(interests, nanoseconds: left) else { break }
            if events[0].canRead { connection.wake.clear() }
            if isFull, events[1].canWrite { connection.outbox.resume() }
        }
    }
}

/// What came of making the handler ready.
private final class StartResult: Sendable {
    private let result = Mutex<Result<Handler, any Error>?>(nil)

    /// nil while it is under way.
    var value: Result<Handler, any Error>? { result.withLock { $0 } }

    func set(_ value: Result<Handler, any Error>) {
        result.withLock { $0 = value }
    }
}
