import CShims
import Glibc
import WorkerProtocol

/// A process that serves one function over one connection.
///
/// Two threads take turns at reading it, see `Baton`; handlers are tasks. No thread runs the main actor: a handler
/// that needs `@MainActor` would wait for ever.
///
/// Unchecked: what is mutable here is touched only by the thread that has the baton.
final class WorkerProcess: @unchecked Sendable {
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
    private let socket: CInt
    private let signals: Signals
    private let grace: Int64
    private let connection: WorkerConnection
    private let runner: HandlerRunner
    private let onEnd: @Sendable (Ending) -> Never
    private var buffer = ReadBuffer()
    private var slots = 0
    private var window: Int?
    /// Nothing before this instant is overdue; it may be too early, never too late.
    private var nextDeadline: Int64?
    private var graceEnds: Int64?
    private var saidLeaving = false
    private var wasDrained = false

    /// Takes a connected socket.
    ///
    /// `grace` is how long a SIGTERM lets invocations go on. `onEnd` ends the process, on whichever thread.
    init(
        identity: WorkerIdentity,
        definition: HandlerDefinition,
        socket: CInt,
        signals: Signals,
        grace: Duration = .seconds(25),
        report: @escaping @Sendable (ReportLevel, String) -> Void,
        onEnd: @escaping @Sendable (Ending) -> Never
    ) throws(SystemError) {
        self.identity = identity
        self.socket = socket
        self.signals = signals
        self.grace = grace.components.seconds * 1_000_000_000
        self.onEnd = onEnd
        let wake = try Wake()
        runner = try HandlerRunner(identity: identity, definition: definition, wake: wake, isHost: true)
        connection = WorkerConnection(transport: .plain(socket), wake: wake, report: report)
    }

    /// Says hello, makes the handler ready, serves until the end.
    func run(token: String) -> Never {
        connection.send(.hello(identity.hello(token: token)))
        do {
            // The thread that came out of fork takes no part. Swift's locks (Mutex, and the runtime's own) keep a
            // thread's id with the thread, and this one's is that of the template: as soon as such a lock is
            // contended, it can be neither waited for nor released, and both threads spin for ever.
            try Thread.start { self.takeTurns(startingWith: .start) }
            try Thread.start { self.takeTurns(startingWith: .standby) }
        } catch {
            end(.broken(error))
        }
        shopfn_park_thread()
    }

    private enum Turn {
        case start
        case read
        case standby
    }

    /// What both threads do until the worker ends.
    private func takeTurns(startingWith first: Turn) -> Never {
        var turn = first
        while true {
            do {
                switch turn {
                case .start:
                    turn = runner.start() ? .read : .standby
                case .read:
                    if let ending = try serve() { end(ending) }
                    turn = .standby
                case .standby:
                    try runner.standBy()
                    turn = .read
                }
            } catch let violation as ProtocolViolation {
                end(.violation(violation))
            } catch let error as SystemError {
                end(.broken(error))
            } catch {
                end(.broken(SystemError("serve: \(error)", code: 0)))
            }
        }
    }

    private func end(_ ending: Ending) -> Never {
        settle(after: ending)
        onEnd(ending)
    }

    // MARK: Loop

    /// Reads until the worker ends, or until a handler has cost this thread the baton (nil).
    private func serve() throws -> Ending? {
        while true {
            if let ending = nextEnding() { return ending }
            let isFull = connection.outbox.isFull
            let until = min(nextDeadline ?? .max, graceEnds ?? .max, runner.watchedUntil ?? .max)
            let events = try Poll.wait(
                [
                    .read(socket, orWrite: isFull), .read(connection.wake.descriptor), .read(signals.descriptor),
                    runner.watched,
                ],
                nanoseconds: until == .max ? nil : until - MonotonicClock.now()
            )
            runner.begin(events[3])
            if events[1].canRead { connection.wake.clear() }
            if isFull, events[0].canWrite { connection.outbox.resume() }
            if events[2].canRead { handleSignals() }
            if let ending = takeStart() { return ending }
            if events[0].canRead, let ending = try receive() { return ending }
            guard runner.run() else { return nil }
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

    private func takeStart() -> Ending? {
        switch runner.takeStart() {
        case nil:
            return nil
        case .success:
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

    private func handleSignals() {
        while signals.next() != nil {
            leave()
            graceEnds = graceEnds ?? MonotonicClock.now() + grace
        }
    }

    private func leave() {
        guard !saidLeaving else { return }
        saidLeaving = true
        if runner.handler == nil { runner.cancelStart() }
        connection.announceEnd()
        connection.send(.leaving)
    }

    private func cancelOverdue() {
        guard let next = nextDeadline else { return }
        let now = MonotonicClock.now()
        if next <= now { nextDeadline = connection.cancelOverdue(now: now) }
    }

    // MARK: Input

    private func receive() throws -> Ending? {
        switch try buffer.receive(from: .plain(socket)) {
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

    private func handle(_ frame: GatewayFrame, now: Int64) throws(ProtocolViolation) {
        switch frame {
        case .invoke(let id, let view):
            try invoke(id, view, now: now)
        case .requestBody, .responseCredit, .cancel, .ping:
            try connection.take(frame)
        case .welcome(let welcome):
            window = Int(welcome.window)
            connection.welcomed(welcome)
        case .drain:
            leave()
            wasDrained = true
        case .want, .reclaimed:
            break  // A worker of one gateway has no slots elsewhere.
        case .refuse:
            break  // The loop ended on it.
        }
    }

    private func invoke(_ id: UInt32, _ view: InvokeView, now: Int64) throws(ProtocolViolation) {
        let window = runner.handler == nil ? nil : window
        let invocation = try connection.admit(id, view, now: now, window: window, slots: slots)
        nextDeadline = min(nextDeadline ?? .max, invocation.deadline)
        runner.add(invocation)
    }

    // MARK: End

    /// Cancels what still runs, gives it a moment, and gets the last frames out.
    private func settle(after ending: Ending) {
        runner.cancelStart()
        connection.announceEnd()
        connection.cancelAll(.shutdown)
        runner.retire()
        let end = MonotonicClock.now() + 1_000_000_000
        while connection.runningCount > 0 || !connection.outbox.isEmpty {
            let left = end - MonotonicClock.now()
            let isFull = connection.outbox.isFull
            // Nothing that comes in now is answered.
            let interests: [3 of Poll.Interest] = [
                .read(connection.wake.descriptor), isFull ? .write(socket) : .nothing, runner.watched,
            ]
            guard left > 0, let events = try? Poll.wait(interests, nanoseconds: left) else { break }
            runner.begin(events[2])
            runner.retire()
            if events[0].canRead { connection.wake.clear() }
            if isFull, events[1].canWrite { connection.outbox.resume() }
        }
    }
}
