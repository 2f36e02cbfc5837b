import Hosting
import Synchronization

/// Makes a worker's handler ready and runs invocations on it, as part of the reader's turn; see `Baton`.
///
/// Unchecked: what is mutable here is touched only by the thread that has the baton.
final class HandlerRunner: @unchecked Sendable {
    /// After how many nanoseconds the reader looks at its connections again, whatever there is to run.
    private static let longestTurn: Int64 = 1_000_000

    private let identity: WorkerIdentity
    private let definition: HandlerDefinition
    private let wake: Wake
    private let baton: Baton
    private let started = StartResult()
    private var policy = InlinePolicy()
    /// Invocations received together and not yet started, last first.
    private var received: [WorkerInvocation] = []
    /// Where what the handlers share is looked after; nil where it has threads of its own.
    private let host: TurnHost?
    private var source: (any HostedSource)?
    /// The next parts of invocations that waited.
    private let executor: TurnExecutor
    /// Those that were taken to run now, last first.
    private var jobs: [UnownedJob] = []
    /// The invocations' ways out.
    private var outboxes: [WeakOutbox] = []
    /// Ways out whose frames are kept back until all that can run has run.
    private var corked: [Outbox] = []
    /// What the reader is lending the baton for.
    private var lentAt: Int64 = 0
    /// The handler, once it is ready.
    private(set) var handler: Handler?

    /// `wake` is rung when the handler is ready, or cannot be made so, and when there is something to run.
    ///
    /// `isHost`: whether the reader calls `begin` after and `watched` before each wait.
    init(
        identity: WorkerIdentity,
        definition: HandlerDefinition,
        wake: Wake,
        isHost: Bool = false
    ) throws(SystemError) {
        self.identity = identity
        self.definition = definition
        self.wake = wake
        baton = try Baton()
        executor = TurnExecutor(wake: wake)
        host = isHost ? TurnHost(wake: wake) : nil
    }

    /// Makes the handler ready, on this thread as long as it does not wait; its end wakes the loop.
    ///
    /// Returns whether this thread still has the baton.
    func start() -> Bool {
        let (started, wake, definition, identity, host) = (started, wake, definition, identity, host)
        let now = MonotonicClock.now()
        lentAt = now
        baton.lend(at: now)
        let task = Task.immediate {
            do {
                let handler = try await TurnHost.$current.withValue(host) { try await definition.start(identity) }
                started.set(.success(handler))
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
        guard handler != nil else { return }
        policy.record(MonotonicClock.now() - lentAt)
        repeat {
            giveAway()
            source?.flush()
        } while takeJobs()
    }

    /// What the reader waits for beside its connections.
    var watched: Poll.Interest {
        guard let source, let descriptor = source.descriptor else { return .nothing }
        return .read(descriptor, orWrite: source.isFull)
    }

    /// Until when it waits at most, on the monotonic clock (nanoseconds).
    var watchedUntil: Int64? { source?.wakeAt }

    /// Begins a turn, with what was found of `watched`.
    func begin(_ events: Poll.Events) {
        executor.begin()
        source = host?.source
        source?.begin()
        if events.isReady { source?.ready() }
    }

    /// No reader comes back: what still runs does so in the thread pool.
    func retire() {
        executor.retire()
        repeat {
            giveAway()
            source?.flush()
        } while takeJobs()
    }

    func add(_ invocation: WorkerInvocation) {
        received.append(invocation)
        guard !outboxes.contains(where: { $0.outbox === invocation.outbox }) else { return }
        outboxes.removeAll { $0.outbox == nil }
        outboxes.append(WeakOutbox(outbox: invocation.outbox))
    }

    /// Starts what was received together, and goes on with what waited; false when a handler kept the thread so long
    /// that the baton is lost.
    func run() -> Bool {
        guard let handler else {
            source?.flush()
            return true
        }
        received.reverse()
        var isCorked = false
        var now = MonotonicClock.now()
        let start = now
        repeat {
            while !received.isEmpty || !jobs.isEmpty {
                guard baton.hasStandby, policy.allows(received.count + jobs.count) else {
                    giveAway()
                    break
                }
                if !isCorked {
                    // What these answer goes out together.
                    cork()
                    isCorked = true
                }
                lentAt = now
                // Taken out before the baton is lent: what is left then is another thread's.
                if let invocation = received.popLast() {
                    baton.lend(at: now)
                    invocation.startHere(handler, executor)
                } else if let job = jobs.popLast() {
                    baton.lend(at: now)
                    job.runSynchronously(on: executor.asUnownedTaskExecutor())
                }
                guard baton.takeBack(lentAt: now) else { return false }
                let end = MonotonicClock.now()
                policy.record(end - now)
                now = end
            }
            source?.flush()
            if now - start > Self.longestTurn {
                // What there is more comes after a look at the connections.
                wake.now()
                break
            }
        } while takeJobs()
        if isCorked { uncork() }
        return true
    }

    /// Takes the parts that came meanwhile; false when there are none.
    private func takeJobs() -> Bool {
        guard executor.take(into: &jobs) else { return false }
        jobs.reverse()
        return true
    }

    /// Leaves all that there is to run to the thread pool.
    private func giveAway() {
        guard let handler else { return }
        while let invocation = received.popLast() { invocation.start(handler) }
        while let job = jobs.popLast() { executor.giveAway(job) }
    }

    private func cork() {
        for outbox in outboxes.lazy.compactMap(\.outbox) {
            corked.append(outbox)
            outbox.cork()
        }
    }

    private func uncork() {
        for outbox in corked { outbox.uncork() }
        corked.removeAll(keepingCapacity: true)
    }
}

/// A way out that its connection may have let go of.
private struct WeakOutbox {
    weak var outbox: Outbox?
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
