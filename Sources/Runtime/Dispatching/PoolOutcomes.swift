/// What becomes of an arrival.
package enum Admission: Hashable, Sendable {
    /// A slot was free: hand the invocation to this worker.
    case dispatch(InvocationID, WorkerID)
    /// It waits for a slot.
    case queued(InvocationID)
    /// It is answered 503 at once.
    case refused(Refusal)
}

/// Why an arrival is not taken.
package enum Refusal: Hashable, Sendable {
    /// As many invocations wait as the pool allows.
    case queueFull(limit: Int)
    /// No worker can be started; the next attempt is made after `retryAfter`.
    case cannotStart(reason: String, retryAfter: Duration)
    /// The gateway is stopping, or the function was removed.
    case stopping
}

/// An invocation for a worker's free slot.
package struct Assignment: Hashable, Sendable {
    package var invocation: InvocationID
    package var worker: WorkerID
    /// How long it waited for the slot.
    package var waited: Duration
    /// Whether a worker had it before and died.
    package var isRetry: Bool

    package init(invocation: InvocationID, worker: WorkerID, waited: Duration, isRetry: Bool) {
        self.invocation = invocation
        self.worker = worker
        self.waited = waited
        self.isRetry = isRetry
    }
}

/// What a client's going away asks for.
package enum Cancellation: Hashable, Sendable {
    /// It had not been handed out, and is forgotten.
    case dequeued
    /// Tell this worker; its slot stays taken until it says that the handler ended.
    case tell(WorkerID)
    /// It was over already.
    case nothing
}

/// What a worker's death does to an invocation it had.
package enum Loss: Hashable, Sendable {
    /// It waits again, first in the queue.
    case retried(InvocationID)
    /// Answer it 502: it may have had an effect, or part of its response was sent.
    case failed(InvocationID)
}

/// What the passing of time asks for.
package enum Expiry: Hashable, Sendable {
    /// The deadline passed in the queue: answer 504.
    case queued(InvocationID)
    /// The deadline nears and no worker is ready: answer 503, so that the client may try again.
    case starved(InvocationID)
    /// The deadline passed in a worker: answer 504 and tell the worker to cancel.
    case running(InvocationID, WorkerID)
    /// A handler went on after its cancellation for longer than the grace: kill the worker.
    case kill(WorkerID)
}

/// A pool's state in numbers.
package struct PoolCounts: Hashable, Sendable {
    /// Workers that are connected and not leaving.
    package var ready = 0
    /// Workers that finish what they have.
    package var leaving = 0
    /// Slots of the ready workers, taken or free.
    package var slots = 0
    /// Slots that can take an invocation now.
    package var free = 0
    /// Invocations in workers whose answer is awaited.
    package var running = 0
    /// Invocations waiting for a slot.
    package var queued = 0
    /// Cancelled invocations whose handlers have not ended.
    package var abandoned = 0
    /// Arrivals since the pool exists, refused ones included.
    package var arrivals: UInt64 = 0

    package init() {}
}
