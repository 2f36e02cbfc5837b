import Dispatching
import NIOCore
import Time
import WorkerProtocol

/// Tells one pool's demand to the scalers, as its pacer says.
///
/// The pool's lock guards the pacer; nothing here calls the pool while it is held.
struct DemandPublisher: Sendable {
    let hub: ScalerHub
    /// Has ``fired(_:_:now:)`` called at a moment.
    var schedule: @Sendable (Instant) -> Void = { _ in }
    private var pacer = DemandPacer()

    init(hub: ScalerHub) {
        self.hub = hub
    }

    /// The numbers changed.
    mutating func changed(_ counts: PoolCounts, _ function: PoolFunction, now: Instant) {
        guard hub.isHeard else { return }
        act(on: pacer.changed(counts, now: now), counts, function)
    }

    mutating func fired(_ counts: PoolCounts, _ function: PoolFunction, now: Instant) {
        act(on: pacer.fired(counts, now: now), counts, function)
    }

    /// Tells everybody the numbers as they are, for somebody who has heard none.
    mutating func tell(_ counts: PoolCounts, _ function: PoolFunction, now: Instant) -> PoolDemand {
        pacer.tell(counts, now: now)
        let demand = PoolDemand(counts, function)
        hub.push(demand)
        return demand
    }

    private func act(on push: DemandPacer.Push, _ counts: PoolCounts, _ function: PoolFunction) {
        switch push {
        case .nothing: break
        case .now: hub.push(PoolDemand(counts, function))
        case .at(let instant): schedule(instant)
        }
    }
}

extension PoolDemand {
    init(_ counts: PoolCounts, _ function: PoolFunction) {
        self.init(
            function: function.name,
            route: function.route ?? "",
            arrivals: counts.arrivals,
            inFlight: counts.running + counts.queued + counts.abandoned,
            queued: counts.queued,
            freeSlots: counts.free,
            readyWorkers: counts.ready,
            leavingWorkers: counts.leaving,
            concurrency: function.concurrency
        )
    }
}
