import Hosting
import NIOCore
import Synchronization
import Time

/// The connection to one server: locks, asks the machine, unlocks, acts.
final class NodeConnection: Sendable {
    typealias Machine = ConnectionMachine<PendingCall>

    private struct State: Sendable {
        var machine: Machine
        var channel: (any Wire)?
        var timer: Scheduled<Void>?
        var timerAt = Instant.never
        /// Room for what comes out of the inbox, kept for the next time.
        var orders: [CallInbox.Order] = []
    }

    /// What there is where a host looks after the connection; but for `wakeAt` the host's own.
    ///
    /// Unchecked: what is mutable here is touched by the host alone, one call after the other.
    final class Hosted: @unchecked Sendable {
        let host: any SourceHost
        let socket: HostedSocket
        /// The number of the connection that stands.
        var epoch: Machine.Epoch = 0
        /// The number of an attempt to connect that is to be made.
        var wantedEpoch: Machine.Epoch?
        let wakeAt = Atomic<Int64>(.max)

        init(host: any SourceHost, socket: HostedSocket) {
            self.host = host
            self.socket = socket
        }
    }

    let inbox = CallInbox()
    /// nil where an event loop of SwiftNIO looks after it.
    let hosted: Hosted?
    private let state: Mutex<State>
    private let loop: LazyLoop
    private let transport: Transport
    private let endpoint: String
    private let onEvent: (@Sendable (ValkeyEvent) -> Void)?

    init(url: ValkeyURL, configuration: ValkeyConfiguration, loop: LazyLoop, host: (any SourceHost)? = nil) {
        let settings = ConnectionSettings(
            endpoint: url.description,
            greeting: url.greeting.map(\.wire),
            connectTimeout: configuration.connectTimeout,
            patience: configuration.connectionPatience,
            silence: configuration.silence,
            maxPending: configuration.maxPending,
            backoff: Backoff(longest: configuration.longestBackoff)
        )
        let machine = Machine(settings: settings, seed: .random(in: .min ... .max))
        state = Mutex(State(machine: machine))
        self.loop = loop
        transport = Transport(url: url, connectTimeout: configuration.connectTimeout)
        endpoint = settings.endpoint
        onEvent = configuration.onEvent
        if let host, case .unix(let path) = url.endpoint, url.tls == nil, host.claim() {
            hosted = Hosted(host: host, socket: HostedSocket(path: path))
            host.attach(self)
        } else {
            hosted = nil
        }
    }

    // MARK: For callers, from any thread

    /// Sends what is answered by a number of replies; several come as one array.
    func call(_ bytes: [UInt8], replies: Int, timeout: Duration) async throws(ValkeyError) -> ValkeyValue {
        let call = PendingCall()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                call.awaitOutcome(continuation)
                submit(call, bytes, replies: replies, timeout: timeout)
            }
        } onCancel: {
            cancel(call)
        }
        return try result.get()
    }

    /// Sends what is answered by one reply, and tells it to nobody's task.
    func call(
        _ bytes: [UInt8],
        timeout: Duration,
        completion: @escaping @Sendable (PendingCall.Outcome) -> Void
    ) {
        submit(PendingCall(completion: completion), bytes, replies: 1, timeout: timeout)
    }

    private func submit(_ call: PendingCall, _ bytes: [UInt8], replies: Int, timeout: Duration) {
        let now = Instant.now
        let deadline = now + min(timeout, .longest)
        let order = CallInbox.Order(call: call, bytes: bytes, replies: replies, deadline: deadline, entered: now)
        switch inbox.post(order) {
        case .taken: break
        case .mustWake:
            if let hosted {
                hosted.host.wake()
            } else {
                loop.get().execute { self.run() }
            }
        case .closed: call.resume(.failure(.closed))
        }
    }

    /// Gives a call up; one that is still in the inbox is given up when it is taken out.
    private func cancel(_ call: PendingCall) {
        guard let id = call.cancel(), let given = state.withLock({ $0.machine.cancel(id) }) else { return }
        given.call.resume(.failure(.cancelled(maybeExecuted: given.maybeExecuted)))
    }

    /// Ends the connection and all calls.
    func close() async {
        await end()?.closed()
    }

    /// Ends all calls, and the connection soon.
    @discardableResult func end() -> (any Wire)? {
        for order in inbox.close() { order.call.resume(.failure(.closed)) }
        let (work, channel, timer) = state.withLock { state in
            (state.machine.close(), state.channel.take(), state.timer.take())
        }
        timer?.cancel()
        for (call, result) in work.outcomes { call.resume(result) }
        channel?.close()
        hosted?.host.wake()
        return channel
    }

    // MARK: On the event loop

    func opened(_ channel: any Wire, _ epoch: Machine.Epoch) {
        let greeting = state.withLock { state -> [UInt8]? in
            guard state.machine.connected(epoch, now: .now) else { return nil }
            state.channel = channel
            return Array(state.machine.settings.greeting.joined())
        }
        guard let greeting else {
            channel.close()
            return
        }
        channel.write(greeting)
        run()
    }

    func received(_ replies: [ValkeyValue], _ epoch: Machine.Epoch) {
        advance { state, now in
            let wasReady = state.machine.isReady
            let work = state.machine.received(replies, epoch, now: now)
            return (work, !wasReady && state.machine.isReady ? .connected(endpoint: self.endpoint) : nil)
        }
    }

    func ended(_ epoch: Machine.Epoch, reason: String) {
        advance { state, now in
            guard state.machine.isCurrent(epoch) else { return (Machine.Work(), nil) }
            let work = state.machine.disconnected(epoch, reason: reason, now: now)
            state.channel = nil
            return (work, .disconnected(endpoint: self.endpoint, reason: reason))
        }
    }

    /// Does what there is to do.
    func run() {
        advance { _, _ in (Machine.Work(), nil) }
    }

    /// Lets an event change the machine, then does what there is to do, until there is nothing more.
    private func advance(after event: (inout State, Instant) -> (Machine.Work, ValkeyEvent?)) {
        var (step, news) = state.withLock { state -> (Step, ValkeyEvent?) in
            let now = Instant.now
            let (work, news) = event(&state, now)
            return (makeStep(&state, adding: work, now: now), news)
        }
        if let news { onEvent?(news) }
        while true {
            perform(step)
            // A host rests when it has run what it has in hand; see `flush`.
            if step.isLast, hosted != nil || inbox.rest() { return }
            step = state.withLock { makeStep(&$0, adding: Machine.Work(), now: .now) }
        }
    }

    /// Work, and the channel that it is for.
    private struct Step: Sendable {
        let work: Machine.Work
        let channel: (any Wire)?
        let reason: String
        /// When to wake, if that is sooner than it is set already.
        let wakeAt: Instant?

        /// Whether there is nothing to do but to wait.
        var isLast: Bool {
            work.write.isEmpty && work.outcomes.isEmpty && work.connect == nil && !work.disconnect
        }
    }

    private func makeStep(_ state: inout State, adding work: Machine.Work, now: Instant) -> Step {
        var work = work
        takeOrders(&state, work: &work, now: now)
        state.machine.poll(now: now, writable: state.channel?.isWritable ?? false, work: &work)
        let step = Step(
            work: work,
            channel: state.channel,
            reason: work.disconnect ? state.machine.lastReason : "",
            wakeAt: work.wakeAt.flatMap { $0 < state.timerAt ? $0 : nil }
        )
        if work.disconnect { state.channel = nil }
        return step
    }

    private func takeOrders(_ state: inout State, work: inout Machine.Work, now: Instant) {
        inbox.take(into: &state.orders)
        for order in state.orders {
            let submission = state.machine.submit(
                order.call,
                bytes: order.bytes,
                replies: order.replies,
                deadline: order.deadline,
                now: order.entered
            )
            switch submission {
            case .refused(let error): work.outcomes.append((order.call, .failure(error)))
            case .accepted(let id):
                if order.call.issue(id) { continue }
                // Cancelled on its way here.
                _ = state.machine.cancel(id)
                work.outcomes.append((order.call, .failure(.cancelled(maybeExecuted: false))))
            }
        }
        state.orders.removeAll(keepingCapacity: true)
    }

    private func perform(_ step: Step) {
        let work = step.work
        if work.disconnect, let channel = step.channel {
            onEvent?(.disconnected(endpoint: endpoint, reason: step.reason))
            channel.close()
        }
        if !work.write.isEmpty, let channel = step.channel { channel.write(work.write) }
        if let epoch = work.connect { connect(epoch) }
        if let time = step.wakeAt { wake(at: time) }
        for (call, result) in work.outcomes { call.resume(result) }
    }

    private func connect(_ epoch: Machine.Epoch) {
        if let hosted {
            hosted.wantedEpoch = epoch
            return
        }
        let attempt = transport.connect(on: loop.get()) { try ReplyHandler(connection: self, epoch: epoch) }
        attempt.whenFailure { error in self.ended(epoch, reason: describe(error)) }
    }

    /// The time came that was set; for a host.
    func timeCame() {
        state.withLock { $0.timerAt = .never }
        hosted?.wakeAt.store(.max, ordering: .relaxed)
    }

    private func wake(at time: Instant) {
        state.withLock { state in
            guard time < state.timerAt else { return }
            state.timer?.cancel()
            state.timerAt = time
            if let hosted {
                hosted.wakeAt.store(time.nanoseconds, ordering: .relaxed)
                return
            }
            // A millisecond late is early enough, and never too early.
            let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time.nanoseconds)) + 1_000_000)
            state.timer = loop.get().scheduleTask(deadline: deadline) {
                self.state.withLock { $0.timerAt = .never }
                self.run()
            }
        }
    }
}

extension ConnectionMachine {
    /// Whether a connection or an attempt of this number is under way.
    fileprivate func isCurrent(_ epoch: Epoch) -> Bool {
        switch phase {
        case .disconnected, .closed: false
        default: epoch == self.epoch
        }
    }
}

extension Instant {
    static var now: Instant { Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds)) }
}

extension Duration {
    /// Longer times are taken for this; it leaves room to add to.
    static let longest = Duration.seconds(100_000_000)
}

extension ValkeyURL {
    /// What is said first on every connection.
    ///
    /// The ping tells a server that is still loading, or has no room for another client, from one that may be used.
    fileprivate var greeting: [ValkeyCommand] {
        var commands: [ValkeyCommand] = []
        if let password {
            if let user {
                commands.append(ValkeyCommand(trusted: "AUTH", user, password))
            } else {
                commands.append(ValkeyCommand(trusted: "AUTH", password))
            }
        }
        if database != 0 { commands.append(ValkeyCommand(trusted: "SELECT", database)) }
        commands.append(ValkeyCommand(trusted: "PING"))
        return commands
    }
}
