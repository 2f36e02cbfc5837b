import Dispatching
import NIOCore
import Time
import WorkerProtocol

/// Tells one pool's demand to the scalers, as its pacer says.
///
/// The pool's lock guards the pacer; nothing here calls the pool while it is held.
struct DemandPublisher: Sendable {
    let hub: ScalerHub
    private var pacer = DemandPacer()

    init(hub: ScalerHub) {
        self.hub = hub
    }

    /// The numbers changed; gives when to call ``fired(_:_:now:)``, if a timer is needed.
    mutating func changed(_ counts: PoolCounts, _ function: PoolFunction, now: Instant) -> Instant? {
        guard hub.isHeard else { return nil }
        return act(on: pacer.changed(counts, now: now), counts, function)
    }

    mutating func fired(_ counts: PoolCounts, _ function: PoolFunction, now: Instant) -> Instant? {
        act(on: pacer.fired(counts, now: now), counts, function)
    }

    /// Tells everybody the numbers as they are, for somebody who has heard none.
    mutating func tell(_ counts: PoolCounts, _ function: PoolFunction, now: Instant) -> PoolDemand {
        pacer.tell(counts, now: now)
        let demand = PoolDemand(counts, function)
        hub.push(demand)
        return demand
    }

    private func act(on push: DemandPacer.Push, _ counts: PoolCounts, _ function: PoolFunction) -> Instant? {
        switch push {
        case .nothing:
            return nil
        case .now:
            hub.push(PoolDemand(counts, function))
            return nil
        case .at(let instant):
            return instant
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
