package import Dispatching
package import Time

/// Whoever makes a pool's workers: it hears of demand and of what becomes of the workers.
package protocol PoolObserver: AnyObject, Sendable {
    /// The pool's numbers changed.
    ///
    /// Called with the pool's lock held, at every arrival and end of an invocation: it must be quick and must not call
    /// the pool.
    func demandChanged(_ counts: PoolCounts, now: Instant)

    /// The worker of this name offered its first slots.
    func workerJoined(_ name: String)

    /// The worker of this name will exit, for this reason: its function could not be made ready.
    func workerFailedToStart(_ name: String, reason: String)

    /// The worker of this name asked to leave; it gets nothing more.
    func workerLeaves(_ name: String)

    /// The worker of this name goes on with an invocation long cancelled: it is to be killed.
    func workerMustEnd(_ name: String)

    /// The worker of this name is gone from its socket: calls `reply` soon, with what became of its process.
    func causeOfDeath(_ name: String, _ reply: @escaping @Sendable (String) -> Void)
}
