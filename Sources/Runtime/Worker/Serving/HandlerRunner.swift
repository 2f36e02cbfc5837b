import Synchronization

/// Makes a worker's handler ready and starts invocations on it, as part of the reader's turn; see `Baton`.
///
/// Unchecked: what is mutable here is touched only by the thread that has the baton.
final class HandlerRunner: @unchecked Sendable {
    private let identity: WorkerIdentity
    private let definition: HandlerDefinition
    private let wake: Wake
    private let baton: Baton
    private let started = StartResult()
    private var policy = InlinePolicy()
    /// Invocations received together and not yet started, last first.
    private var received: [WorkerInvocation] = []
    /// Ways out whose frames are kept back until all of them have run.
    private var corked: [Outbox] = []
    /// What the reader is lending the baton for.
    private var lentAt: Int64 = 0
    /// The handler, once it is ready.
    private(set) var handler: Handler?

    /// `wake` is rung when the handler is ready, or cannot be made so.
    init(identity: WorkerIdentity, definition: HandlerDefinition, wake: Wake) throws(SystemError) {
        self.identity = identity
        self.definition = definition
        self.wake = wake
        baton = try Baton()
    }

    /// Makes the handler ready, on this thread as long as it does not wait; its end wakes the loop.
    ///
    /// Returns whether this thread still has the baton.
    func start() -> Bool {
        let (started, wake, definition, identity) = (started, wake, definition, identity)
        let now = MonotonicClock.now()
        lentAt = now
        baton.lend(at: now)
        let task = Task.immediate {
            do {
                started.set(.success(try await definition.start(identity)))
            } catch {
                started.set(.failure(error))
            }
            wake.now()
        }
        started.set(task)
        return baton.takeBack(lentAt: now)
    }

    /// What came of it; nil while it is under way, and once it was taken.
    func takeStart() -> Result<Void, any Error>? {
        guard handler == nil, let result = started.value else { return nil }
        return result.map { handler = $0 }
    }

    func cancelStart() {
        started.cancel()
    }

    /// Waits until the other thread is kept by a handler, and goes on where it was.
    func standBy() throws(SystemError) {
        try baton.standBy()
        uncork()
        guard let handler else { return }
        policy.record(MonotonicClock.now() - lentAt)
        while let invocation = received.popLast() { invocation.start(handler) }
    }

    func add(_ invocation: WorkerInvocation) {
        received.append(invocation)
    }

    /// Starts what was received together; false when a handler kept the thread so long that the baton is lost.
    func run() -> Bool {
        guard let handler, !received.isEmpty else { return true }
        received.reverse()
        guard baton.hasStandby, policy.allows(received.count) else {
            while let invocation = received.popLast() { invocation.start(handler) }
            return true
        }
        // What these answer goes out together.
        for invocation in received where !corked.contains(where: { $0 === invocation.outbox }) {
            corked.append(invocation.outbox)
            invocation.outbox.cork()
        }
        var now = MonotonicClock.now()
        while let invocation = received.popLast() {
            lentAt = now
            baton.lend(at: now)
            invocation.startHere(handler)
            guard baton.takeBack(lentAt: now) else { return false }
            let end = MonotonicClock.now()
            policy.record(end - now)
            now = end
        }
        uncork()
        return true
    }

    private func uncork() {
        for outbox in corked { outbox.uncork() }
        corked.removeAll(keepingCapacity: true)
    }
}

/// What came of making the handler ready.
private final class StartResult: Sendable {
    private struct State {
        var result: Result<Handler, any Error>?
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// nil while it is under way.
    var value: Result<Handler, any Error>? { state.withLock { $0.result } }

    func set(_ result: Result<Handler, any Error>) {
        state.withLock { $0.result = result }
    }

    func set(_ task: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }
}
