import Synchronization

/// Where the tasks of invocations go on after they waited: in the reader's turn.
///
/// What woke them comes in batches, from the client of a service that read several replies at once; so one thread is
/// woken for the batch, not one for each, and what they send next goes out together. The reader takes the parts in
/// `HandlerRunner.run`, under the same precautions as the beginnings of handlers; see `Baton`.
final class TurnExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        /// Whether the reader is at work, or called; it looks here again before it rests.
        var isAwake = false
        /// No reader takes anything any more.
        var isRetired = false
    }

    private let state = Mutex(State())
    private let wake: Wake

    /// `wake` is rung for a reader that rests.
    init(wake: Wake) {
        self.wake = wake
    }

    /// Takes the next part of a task, from any thread.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (isTaken, mustWake) = state.withLock { state in
            if state.isRetired { return (false, false) }
            state.jobs.append(job)
            defer { state.isAwake = true }
            return (true, !state.isAwake)
        }
        if !isTaken { giveAway(job) }
        if mustWake { wake.now() }
    }

    /// What is there to run, put in place of an empty list; false when it is nothing, and the reader may rest.
    func take(into jobs: inout [UnownedJob]) -> Bool {
        state.withLock { state in
            swap(&jobs, &state.jobs)
            state.isAwake = !jobs.isEmpty
            return state.isAwake
        }
    }

    /// The reader is at work, and takes what there is before it rests: it need not be called.
    func begin() {
        state.withLock { $0.isAwake = true }
    }

    /// From now on the thread pool runs everything.
    func retire() {
        state.withLock { $0.isRetired = true }
    }

    /// Has another thread run what the reader must not.
    func giveAway(_ job: UnownedJob) {
        globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }
}
