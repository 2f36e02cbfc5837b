import Dispatching
import Gateway
import Logging
import NIOCore
import Scaling
import Synchronization
import Time

/// Hears what happens in a pool, from any thread, and passes on what matters to the loop that keeps its workers.
final class LocalPool: PoolObserver {
    private let loop: any EventLoop
    private let keeper: NIOLoopBound<PoolKeeper>
    private let scaler: Mutex<PoolScaler>

    init(_ keeper: PoolKeeper, scaler: PoolScaler, loop: any EventLoop) {
        self.loop = loop
        self.keeper = NIOLoopBound(keeper, eventLoop: loop)
        self.scaler = Mutex(scaler)
    }

    func demandChanged(_ counts: PoolCounts, now: Instant) {
        let decision = scaler.withLock {
            // A cancelled handler that goes on takes a slot like any other.
            $0.demandChanged(
                inFlight: counts.running + counts.queued + counts.abandoned,
                queued: counts.queued,
                freeSlots: counts.free,
                now: now
            )
        }
        guard let decision else { return }
        onLoop { $0.decided(decision) }
    }

    func workerJoined(_ name: String) {
        onLoop { $0.joined(name) }
    }

    func workerFailedToStart(_ name: String, reason: String) {
        onLoop { $0.startFailed(name, reason: reason) }
    }

    func workerLeaves(_ name: String) {
        onLoop { $0.leaves(name) }
    }

    func workerMustEnd(_ name: String) {
        onLoop { $0.mustEnd(name) }
    }

    func causeOfDeath(_ name: String, _ reply: @escaping @Sendable (String) -> Void) {
        onLoop { $0.causeOfDeath(name, reply) }
    }

    /// Asks or tells the scaler.
    func scaling<Result: Sendable>(_ body: @Sendable (inout PoolScaler) -> Result) -> Result {
        scaler.withLock { body(&$0) }
    }

    private func onLoop(_ body: @escaping @Sendable (PoolKeeper) -> Void) {
        loop.execute { body(self.keeper.value) }
    }
}
