import CShims
import Glibc
import SlotSharing
import Synchronization
import Time
import WorkerProtocol

/// A process that serves one function to every gateway behind some names.
///
/// The threads, the baton and the handlers are those of `WorkerProcess`; here are many connections, which come and go
/// without disturbing each other, and a ledger of which gateway holds which slots.
///
/// Unchecked: what is mutable here is touched only by the thread that has the baton; the inbox has a lock.
final class RemoteWorker: @unchecked Sendable {
    /// How a worker ends.
    enum Ending: Equatable {
        /// Everything it had was answered.
        case drained
        /// The grace was over before its invocations were.
        case graceOver(unfinished: Int)
        case startFailed
        /// A handler went on long after it had been cancelled.
        case stuck
        case broken(SystemError)

        var exitCode: Int32 {
            switch self {
            case .drained: 0
            case .graceOver, .startFailed, .stuck, .broken: 1
            }
        }
    }

    private struct Inbox {
        var connected: [GatewayDialer.Connected] = []
        var expected: Int?
    }

    private let identity: WorkerIdentity
    private let settings: RemoteSettings
    private let signals: Signals
    private let grace: Int64
    private let silence: Int64
    private let wake: Wake
    private let runner: HandlerRunner
    private let report: @Sendable (ReportLevel, String) -> Void
    private let onEnd: @Sendable (Ending) -> Never
    private let inbox = Mutex(Inbox())

    private var links: [GatewayLink] = []
    private var nextNumber = 0
    private var ledger: SlotLedger
    /// Connections that are gone with invocations that are not.
    private var orphans: [WorkerConnection] = []
    private var orphaned = 0
    /// Connections to be closed once no thread writes to them.
    private var closing: [GatewayLink] = []
    private var nextDeadline: Int64?
    private var leavesSince: Int64?
    private var graceEnds: Int64?
    private var isStuck = false

    init(
        identity: WorkerIdentity,
        definition: HandlerDefinition,
        settings: RemoteSettings,
        signals: Signals,
        report: @escaping @Sendable (ReportLevel, String) -> Void,
        onEnd: @escaping @Sendable (Ending) -> Never
    ) throws(SystemError) {
        self.identity = identity
        self.settings = settings
        self.signals = signals
        self.report = report
        self.onEnd = onEnd
        grace = settings.grace.wholeNanoseconds
        silence = settings.silence.wholeNanoseconds
        wake = try Wake()
        runner = try HandlerRunner(identity: identity, definition: definition, wake: wake)
        ledger = SlotLedger(slots: Int(identity.concurrency))
    }

    /// Looks for gateways, makes the handler ready, serves until the end.
    func run() -> Never {
        do {
            try GatewayDiscovery(
                settings: settings,
                report: report,
                expect: { count in
                    self.inbox.withLock { $0.expected = count }
                    self.wake.now()
                },
                deliver: { connected in
                    self.inbox.withLock { $0.connected.append(connected) }
                    self.wake.now()
                }
            ).start()
            try Thread.start { self.takeTurns(isFirst: true) }
            try Thread.start { self.takeTurns(isFirst: false) }
        } catch {
            onEnd(.broken(error))
        }
        shopfn_park_thread()
    }

    /// What both threads do until the worker ends.
    private func takeTurns(isFirst: Bool) {
        var reads = isFirst && runner.start()
        while true {
            do throws(SystemError) {
                if !reads { try runner.standBy() }
                if let ending = try serve() {
                    settle()
                    onEnd(ending)
                }
                reads = false
            } catch {
                onEnd(.broken(error))
            }
        }
    }

    // MARK: Loop

    /// Reads until the worker ends, or until a handler has cost this thread the baton (nil).
    private func serve() throws(SystemError) -> Ending? {
        while true {
            takeInbox()
            countOrphans()
            closeSettled()
            if let ending = nextEnding() { return ending }
            let current = links
            let full = current.map { $0.connection.outbox.isFull }
            var interests: [Poll.Interest] = [.read(wake.descriptor), .read(signals.descriptor)]
            for (link, isFull) in zip(current, full) {
                interests.append(.read(link.transport.descriptor, orWrite: isFull))
            }
            let events = try Poll.wait(interests, nanoseconds: patience())
            if events[0].canRead { wake.clear() }
            if events[1].canRead { handleSignals() }
            if let ending = takeStart() { return ending }
            for (index, link) in current.enumerated() {
                let event = events[index + 2]
                if full[index], event.canWrite { link.connection.outbox.resume() }
                if event.canRead { receive(link) }
            }
            guard runner.run() else { return nil }
            checkTime()
        }
    }

    /// How long to wait for something to happen (nanoseconds), or nil.
    private func patience() -> Int64? {
        var until = min(nextDeadline ?? .max, graceEnds ?? .max)
        // A socket that still had a writer when it was to be closed is looked at again soon.
        let now = MonotonicClock.now()
        if !closing.isEmpty || leavesSince != nil { until = min(until, now + 20_000_000) }
        for link in links { until = min(until, link.lastHeard + silence) }
        return until == .max ? nil : until - now
    }

    /// How the worker ends now, or nil.
    private func nextEnding() -> Ending? {
        guard let leavesSince else { return nil }
        let now = MonotonicClock.now()
        let running = links.reduce(orphaned) { $0 + $1.connection.runningCount }
        let isQuiet = running == 0 && links.allSatisfy { $0.connection.outbox.isEmpty }
        // A gateway that does not answer is not waited for longer than this; it has been told.
        let isAgreed = links.allSatisfy(\.wasDrained) || now > leavesSince + 3_000_000_000
        if isQuiet, isAgreed { return isStuck ? .stuck : .drained }
        if let graceEnds, now >= graceEnds { return .graceOver(unfinished: running) }
        return nil
    }

    private func takeStart() -> Ending? {
        switch runner.takeStart() {
        case nil:
            return nil
        case .success:
            for link in links where link.welcome != nil { join(link) }
            return nil
        case .failure(let error):
            if leavesSince != nil, error is CancellationError { return nil }
            report(.error, "\(identity.handler) could not start: \(error)")
            for link in links where link.welcome != nil { link.connection.send(.startFailed(message: "\(error)")) }
            return .startFailed
        }
    }

    private func handleSignals() {
        while signals.next() != nil { leave() }
    }

    private func leave() {
        guard leavesSince == nil else { return }
        let now = MonotonicClock.now()
        leavesSince = now
        graceEnds = now + grace
        if runner.handler == nil { runner.cancelStart() }
        ledger.close()
        for link in links {
            link.connection.announceEnd()
            if link.welcome == nil {
                link.wasDrained = true
            } else {
                link.connection.send(.leaving)
            }
        }
    }

    private func checkTime() {
        let now = MonotonicClock.now()
        for link in links where link.lastHeard + silence <= now {
            lose(link, .lost(reason: "nothing was heard of it for \(settings.silence)"))
        }
        guard let next = nextDeadline, next <= now else { return }
        let connections = links.map(\.connection) + orphans
        nextDeadline = connections.compactMap { $0.cancelOverdue(now: now) }.min()
        guard !isStuck else { return }
        if connections.contains(where: { $0.isStuck(now: now, patience: 5_000_000_000) }) {
            report(.error, "a handler goes on long after it was cancelled: this worker ends")
            isStuck = true
            leave()
        } else if connections.contains(where: { $0.runningCount > 0 }) {
            // Those that were cancelled are looked at again.
            nextDeadline = min(nextDeadline ?? .max, now + 1_000_000_000)
        }
    }

    // MARK: Gateways that come and go

    private func takeInbox() {
        let (connected, expected) = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return (inbox.connected, inbox.expected)
        }
        if let expected { perform(ledger.expect(expected, busy: busy, now: .current)) }
        for one in connected { greet(one) }
    }

    private func greet(_ connected: GatewayDialer.Connected) {
        guard leavesSince == nil else { return connected.transport.close() }
        nextNumber += 1
        let link = GatewayLink(
            number: nextNumber,
            connected,
            wake: wake,
            now: MonotonicClock.now(),
            report: report
        )
        links.append(link)
        link.connection.send(.hello(identity.hello(token: connected.token)))
    }

    private func welcomed(_ link: GatewayLink, _ welcome: Welcome) {
        let isKnown = links.contains { $0 !== link && $0.welcome?.gatewayID == welcome.gatewayID }
        if isKnown, !welcome.gatewayID.isEmpty { return lose(link, .duplicate) }
        link.welcome = welcome
        link.connection.welcomed(welcome)
        report(.info, "connected to gateway \(link.address)")
        if runner.handler != nil { join(link) }
    }

    private func join(_ link: GatewayLink) {
        guard leavesSince == nil, !link.isServing else { return }
        link.isServing = true
        perform(ledger.join(link.number, busy: busy, now: .current))
    }

    /// A connection is over; what runs of its gateway's invocations is cancelled, and nothing else is touched.
    private func lose(_ link: GatewayLink, _ ending: GatewayDialer.Ending) {
        guard let index = links.firstIndex(where: { $0 === link }) else { return }
        links.remove(at: index)
        link.connection.outbox.abandon()
        shutdown(link.transport.descriptor, Int32(SHUT_RDWR))
        closing.append(link)
        link.dialer.over(ending)
        link.connection.cancelAll(.clientGone)
        link.connection.announceEnd()
        let running = link.connection.runningCount
        if running > 0 {
            orphans.append(link.connection)
            orphaned += running
        }
        guard link.isServing else { return }
        perform(ledger.lose(link.number, running: running, busy: busy, now: .current))
    }

    private func countOrphans() {
        guard !orphans.isEmpty else { return }
        orphans.removeAll { $0.runningCount == 0 }
        orphaned = orphans.reduce(0) { $0 + $1.runningCount }
        perform(ledger.orphansLeft(orphaned, busy: busy, now: .current))
    }

    /// Closes sockets that no thread is at any more: their numbers may be another connection's from then on.
    private func closeSettled() {
        closing.removeAll { link in
            guard !link.connection.outbox.isWriting else { return false }
            link.transport.close()
            return true
        }
    }

    /// How many invocations of each gateway run here.
    private var busy: [SlotLedger.Gateway: Int] {
        var busy: [SlotLedger.Gateway: Int] = [:]
        for link in links where link.isServing { busy[link.number] = link.connection.runningCount }
        return busy
    }

    private func perform(_ actions: [SlotLedger.Action]) {
        for action in actions {
            switch action {
            case .offer(let number, let slots):
                links.first { $0.number == number }?.connection.send(.offer(slots: UInt16(clamping: slots)))
            case .reclaim(let number, let slots):
                links.first { $0.number == number }?.connection.send(.reclaim(slots: UInt16(clamping: slots)))
            }
        }
    }

    // MARK: Input

    private func receive(_ link: GatewayLink) {
        do {
            repeat {
                switch try link.buffer.receive(from: link.transport) {
                case nil: return
                case 0: return lose(link, ended(link))
                default: break
                }
                let now = MonotonicClock.now()
                link.lastHeard = now
                while let (frame, size) = try GatewayFrame.decode(link.buffer.unread) {
                    if case .refuse(let refusal) = frame { return lose(link, .refused(reason: refusal.reason)) }
                    try handle(frame, link, now: now)
                    guard links.contains(where: { $0 === link }) else { return }
                    link.buffer.consume(size)
                }
                link.buffer.reserve(try FrameHeader.peek(link.buffer.unread)?.frameSize ?? FrameHeader.size)
            } while link.transport.mayHoldBytes
        } catch {
            lose(link, .lost(reason: "\(error)"))
        }
    }

    private func ended(_ link: GatewayLink) -> GatewayDialer.Ending {
        link.welcome == nil
            ? .refused(reason: "it closed the connection before it said anything")
            : .lost(reason: "it closed the connection")
    }

    private func handle(_ frame: GatewayFrame, _ link: GatewayLink, now: Int64) throws(ProtocolViolation) {
        switch frame {
        case .invoke(let id, let view):
            try invoke(id, view, link, now: now)
        case .requestBody, .responseCredit, .cancel, .ping:
            try link.connection.take(frame)
        case .welcome(let welcome):
            welcomed(link, welcome)
        case .want(let slots):
            perform(ledger.want(link.number, slots: Int(slots), busy: busy, now: Instant(nanoseconds: now)))
        case .reclaimed(let slots):
            let instant = Instant(nanoseconds: now)
            // A leaving worker's claims are void: the gateway has none of its slots any more.
            guard leavesSince == nil else { break }
            guard let actions = ledger.reclaimed(Int(slots), from: link.number, busy: busy, now: instant) else {
                throw ProtocolViolation(.unexpectedFrame, frame: 0x0A, "\(slots) slots back that were not asked for")
            }
            perform(actions)
        case .drain:
            link.wasDrained = true
            // Unasked, it is the gateway that leaves, and this worker has others.
            if leavesSince == nil { lose(link, .lost(reason: "the gateway is leaving")) }
        case .refuse:
            break  // The connection ended on it.
        }
    }

    private func invoke(_ id: UInt32, _ view: InvokeView, _ link: GatewayLink, now: Int64) throws(ProtocolViolation) {
        let window = runner.handler == nil ? nil : link.welcome.map { Int($0.window) }
        let slots = ledger.held(by: link.number)
        let invocation = try link.connection.admit(id, view, now: now, window: window, slots: slots)
        nextDeadline = min(nextDeadline ?? .max, invocation.deadline)
        runner.add(invocation)
    }

    // MARK: End

    /// Cancels what still runs, gives it a moment, gets the last frames out, and closes in good order.
    private func settle() {
        runner.cancelStart()
        for connection in links.map(\.connection) + orphans {
            connection.announceEnd()
            connection.cancelAll(.shutdown)
        }
        runner.retire()
        let end = MonotonicClock.now() + 1_000_000_000
        var isOver = false
        while !isOver, MonotonicClock.now() < end {
            for link in links where link.connection.outbox.isFull { link.connection.outbox.resume() }
            isOver = links.allSatisfy { $0.connection.runningCount == 0 && $0.connection.outbox.isEmpty }
            if !isOver, let events = try? Poll.wait([.read(wake.descriptor)], nanoseconds: 2_000_000) {
                if events[0].canRead { wake.clear() }
            }
        }
        // A socket closed with something unread resets its connection, which could cost the gateway the last answers:
        // so the gateway's end is waited for.
        for link in links { link.transport.end() }
        var open = links
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { room in
            while !open.isEmpty {
                let left = end - MonotonicClock.now()
                guard left > 0 else { return }
                open.removeAll { link in
                    while true {
                        do throws(SystemError) {
                            guard let count = try link.transport.receive(room) else { return false }
                            if count == 0 { return true }
                        } catch {
                            return true
                        }
                    }
                }
                if let link = open.first {
                    _ = try? Poll.wait([.read(link.transport.descriptor)], nanoseconds: min(left, 20_000_000))
                }
            }
        }
    }
}

extension Instant {
    /// The monotonic clock's time now.
    fileprivate static var current: Instant { Instant(nanoseconds: MonotonicClock.now()) }
}
