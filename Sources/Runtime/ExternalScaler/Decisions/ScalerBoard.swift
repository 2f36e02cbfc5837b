package import GatewayDemand
import Manifest
package import Scaling
package import Time
package import WorkerProtocol

/// Decides what KEDA is told: events of gateways and of time in, answers out.
///
/// Several of them agree: each tells what it finds by itself, and says the most that any of them finds.
package struct ScalerBoard: Sendable {
    /// A function's activity, to be told to all who listen.
    package struct Announcement: Hashable, Sendable {
        package var function: String
        package var isActive: Bool

        package init(function: String, isActive: Bool) {
            self.function = function
            self.isActive = isActive
        }
    }

    /// What follows from an event.
    package struct Step: Hashable, Sendable {
        package var announcements: [Announcement] = []
        /// Functions whose wanted workers are others than before, by name.
        package var changed: [String] = []
        /// What the other replicas have to hear.
        package var claims: [PoolClaim] = []
        /// What somebody has to hear.
        package var warnings: [String] = []
    }

    private var desks: [String: PoolDesk] = [:]
    /// When each desk has to be settled again, apart from the desks, which are too large to look through at each event.
    private var checks: [String: Instant] = [:]
    /// What a gateway told ends with it.
    private var book = DemandBook(grace: .zero)
    private let timing: ScalerTiming
    private let wallClock: Duration
    /// When ``timerFired(now:)`` has to be called.
    package private(set) var nextCheck: Instant?

    /// `wallClock` is the time since the Unix epoch at `Instant.origin`, zero where it is unknown.
    package init(
        _ functions: [ScaledFunction],
        timing: ScalerTiming = ScalerTiming(),
        wallClock: Duration = .zero
    ) {
        self.timing = timing
        self.wallClock = wallClock
        for function in functions { add(function) }
    }

    private mutating func add(_ function: ScaledFunction) {
        desks[function.name] = PoolDesk(function, timing: timing, wallClock: wallClock)
    }

    /// How much of the demand is seen.
    package var sight: Sight {
        let (known, seen) = (book.known, book.seen)
        if seen == 0 { return .none(known: known) }
        return seen < known ? .partial(known: known, connected: seen) : .full(connected: seen)
    }

    // MARK: Events

    /// Takes up what gateways told.
    package mutating func take(_ events: [DemandEvent], now: Instant) -> Step {
        var changed: Set<String> = []
        let before = sight
        for event in events {
            for change in book.take(event, now: now) {
                // A gateway with a newer manifest may have functions that are not known here yet.
                desks[change.function]?
                    .demandChanged(book.totals(of: change.function), arrived: change.arrived, now: now)
                changed.insert(change.function)
            }
            switch event {
            case .connected:
                // It has heard nothing of this replica yet.
                for name in desks.keys { desks[name]?.claimAgain() }
                changed.formUnion(desks.keys)
            case .disconnected(let gateway):
                for name in desks.keys { desks[name]?.take(nil, from: gateway) }
                changed.formUnion(desks.keys)
            case .othersClaim(let gateway, let claim):
                guard book.isConnected(gateway) else { continue }
                desks[claim.function]?.take(claim, from: gateway)
                changed.insert(claim.function)
            case .othersSilent(let gateway, let function):
                desks[function]?.take(nil, from: gateway)
                changed.insert(function)
            case .demand, .removed, .reach: break
            }
        }
        return settle(sight == before ? changed : Set(desks.keys), now)
    }

    /// Does what has become due.
    package mutating func timerFired(now: Instant) -> Step {
        settle(Set(checks.filter { $0.value <= now }.keys), now)
    }

    /// Takes up a changed manifest.
    ///
    /// - Returns: What follows, and the functions that are no more.
    package mutating func replace(
        _ functions: [ScaledFunction],
        now: Instant
    ) -> (step: Step, removed: [String]) {
        let names = Set(functions.map(\.name))
        let removed = desks.keys.filter { !names.contains($0) }.sorted()
        for name in removed {
            desks[name] = nil
            checks[name] = nil
        }
        for function in functions {
            if desks[function.name] == nil {
                add(function)
            } else {
                desks[function.name]?.replace(function, now: now)
            }
        }
        return (settle(names, now), removed)
    }

    /// Takes over what the schedules keep from now on, of the functions named.
    package mutating func schedule(_ floors: [String: [ScheduledFloor]], now: Instant) -> Step {
        for (name, floors) in floors { desks[name]?.schedule(floors, now: now) }
        return settle(Set(floors.keys.filter { desks[$0] != nil }), now)
    }

    private mutating func settle(_ names: Set<String>, _ now: Instant) -> Step {
        let sight = sight
        var step = Step()
        for name in names.sorted() where desks[name] != nil {
            let before = desks[name]?.wanted
            let isActive = desks[name]?.settle(sight, now: now)
            checks[name] = desks[name]?.nextCheck
            if desks[name]?.wanted != before { step.changed.append(name) }
            if let claim = desks[name]?.takeClaim() { step.claims.append(claim) }
            if let warning = desks[name]?.takeWarning() { step.warnings.append("\(name): \(warning)") }
            if let isActive { step.announcements.append(Announcement(function: name, isActive: isActive)) }
        }
        nextCheck = checks.values.min()
        return step
    }

    // MARK: Learning

    /// What each pool's policy has learned, with how much the pool was used.
    package func learned(now: Instant) -> [(function: String, arrivals: UInt64, state: [UInt8])] {
        desks.map { name, desk in (name, desk.total.arrivals, desk.learned(now)) }
    }

    /// Takes up what was learned before, in place of what was learned meanwhile.
    package mutating func restore(_ saved: [String: [UInt8]], now: Instant) -> Step {
        let known = saved.filter { desks[$0.key] != nil }
        for (name, state) in known { desks[name]?.restore(state, now: now) }
        return settle(Set(known.keys), now)
    }

    // MARK: Answers

    /// Whether the function should have workers at all.
    package func isActive(_ metadata: TriggerMetadata, now: Instant) throws(ScalerRefusal) -> Bool {
        if try wanted(metadata, now: now) > 0 { return true }
        return try desk(metadata).isActive
    }

    /// The workers wanted now, for a trigger.
    package func wanted(_ metadata: TriggerMetadata, now: Instant) throws(ScalerRefusal) -> Int {
        let desk = try desk(metadata)
        if case .none(let known) = sight {
            throw .blind(
                known == 0
                    ? "no gateway is known, so no demand is; see that --gateway leads to them"
                    : "none of \(known) gateways is connected, so no demand is known"
            )
        }
        guard desk.isActive || desk.isSettled(now) else {
            throw .blind("the gateways have just come in sight, and workers may still be connecting to them")
        }
        return desk.wanted
    }

    /// Whether a trigger's function is known.
    package func check(_ metadata: TriggerMetadata) throws(ScalerRefusal) { _ = try desk(metadata) }

    private func desk(_ metadata: TriggerMetadata) throws(ScalerRefusal) -> PoolDesk {
        if let desk = desks[metadata.function] { return desk }
        let nearest = NearestName.nearest(to: metadata.function, among: desks.keys)
        throw .unknown(
            "the manifest has no function '\(metadata.function)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "; 'shopfn list' shows those it has")
        )
    }

    // MARK: Reports

    /// One function as a report shows it.
    package struct Row: Sendable {
        package var function: ScaledFunction
        package var wanted: Int
        package var inFlight: Int
        package var queued: Int
        package var ready: Int
        /// What this replica finds by itself; `nil` while no gateway is seen.
        package var own: PoolClaim?
        /// What the other replicas find together; `nil` where none is heard of.
        package var others: PoolClaim?
        /// How long a worker takes to start, as far as was measured.
        package var startTime: Duration
        /// Why this replica wants so many; `nil` while no gateway is seen.
        package var reason: ScaleReason?

        /// Why so many are wanted, in words.
        package var explanation: String {
            guard let own, let reason else { return "no gateway is connected" }
            if wanted <= own.wanted { return reason.description }
            if let others, wanted <= others.wanted { return "another replica of the scaler finds so many needed" }
            return "kept until enough was seen to let workers go; by itself: \(reason)"
        }
    }

    /// All functions, by name.
    package var rows: [Row] { desks.keys.sorted().compactMap { row($0) } }

    /// A function.
    package func row(_ name: String) -> Row? {
        desks[name].map {
            Row(
                function: $0.function,
                wanted: $0.wanted,
                inFlight: $0.total.inFlight,
                queued: $0.total.queued,
                ready: $0.total.readyWorkers,
                own: $0.own,
                others: $0.others,
                startTime: $0.startTime,
                reason: $0.reason
            )
        }
    }
}
