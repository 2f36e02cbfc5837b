package import Time

/// Decides how many workers one pool should have.
///
/// Its driver tells it of every change of demand and of workers, arms one timer at the last decision's `nextCheck`,
/// and makes the pool have the workers wanted: it starts what is missing at once, and lets idle workers go first.
/// Most changes of demand decide nothing; they cost a few additions and no allocation.
package struct PoolScaler: Sendable {
    package private(set) var limits: PoolLimits
    /// Slots a worker has.
    package private(set) var concurrency: Int
    /// The rule it decides by.
    package private(set) var choice: PolicyChoice
    /// What holds now.
    package private(set) var decision: ScaleDecision

    /// Why a saved state was discarded, if one was; for the log.
    package private(set) var stateWarning: String?

    private var policy: any ScalingPolicy
    private var floors = FloorSchedule()
    private var idleBound = IdleBound()
    private var meter: DemandMeter
    /// What the pool looks like, as was last told.
    package private(set) var view = PoolView()
    private var quiet: ClosedRange<Int> = 0...0
    private var startTime: Int64
    private let clockOffset: Int64
    private var records = DecisionHistory()

    /// A scaler for one pool, whose ``decision`` says at once how many workers to begin with.
    ///
    /// - Parameters:
    ///   - limits: The bounds on its workers.
    ///   - concurrency: Slots a worker has, at least 1.
    ///   - policy: The rule to decide by.
    ///   - floors: What the schedule keeps from when on; see ``scheduleChanged(_:now:)``.
    ///   - startTime: How long a worker takes to offer slots, until the driver has measured it.
    ///   - wallClock: The time since the Unix epoch at `Instant.origin`, so that what happens by the clock is seen at
    ///     its minute even after a restart; zero where it is unknown.
    ///   - saved: What ``savedState(now:)`` gave before a restart. If it is damaged, it is discarded, and
    ///     ``stateWarning`` says so.
    ///   - now: The moment it begins.
    package init(
        limits: PoolLimits,
        concurrency: Int,
        policy: PolicyChoice = .default,
        floors: [ScheduledFloor] = [],
        startTime: Duration = .milliseconds(5),
        wallClock: Duration = .zero,
        saved: [UInt8]? = nil,
        now: Instant
    ) {
        self.limits = limits
        self.concurrency = Swift.max(1, concurrency)
        choice = policy
        self.policy = policy.makePolicy()
        self.startTime = Swift.max(0, startTime.wholeNanoseconds)
        // Never negative, so that minutes can be told by dividing.
        clockOffset = Swift.max(wallClock.wholeNanoseconds, 0) &- Swift.min(now.nanoseconds, 0)
        meter = DemandMeter(now: now)
        self.floors.replace(floors, now: now)
        decision = ScaleDecision(wanted: 0, reason: .began(min: 0), nextCheck: nil)
        decision.wanted = least
        if let saved { restore(saved, now) }
        ask(.began, now)
        decision.reason = self.floors.min > limits.min ? .scheduled(min: least) : .began(min: limits.min)
        record(before: 0, now)
    }

    /// The fewest workers now, by the limits and by the schedule, which never goes beyond the limits.
    private var least: Int { Swift.min(Swift.max(limits.min, floors.min), limits.max) }

    /// Tells that demand changed: to be called on every arrival and every completion.
    ///
    /// - Parameters:
    ///   - inFlight: Invocations running or queued.
    ///   - queued: Those of them that wait for a slot.
    ///   - freeSlots: Slots that offer room.
    ///   - arrived: Invocations that came since the last call, for who does not call on every arrival.
    ///   - now: When.
    /// - Returns: A new decision, or `nil` where the last one still holds.
    package mutating func demandChanged(
        inFlight: Int,
        queued: Int,
        freeSlots: Int,
        arrived: Int = 0,
        now: Instant
    ) -> ScaleDecision? {
        meter.record(inFlight, queued: queued, arrived: arrived, at: now.nanoseconds)
        view.inFlight = inFlight
        view.queued = queued
        view.freeSlots = freeSlots
        if inFlight >= quiet.lowerBound, inFlight <= quiet.upperBound { return nil }
        return ask(.demand, now) ? decision : nil
    }

    /// Tells that workers came or went.
    ///
    /// - Returns: A new decision, or `nil` where the last one still holds.
    @discardableResult
    package mutating func workersChanged(ready: Int, starting: Int, draining: Int, now: Instant) -> ScaleDecision? {
        view.ready = ready
        view.starting = starting
        view.draining = draining
        return ask(.workers, now) ? decision : nil
    }

    /// Tells that the time of the last decision's `nextCheck` has come.
    ///
    /// Called early or late, it does no harm.
    package mutating func timerFired(now: Instant) -> ScaleDecision {
        ask(.timer, now)
        return decision
    }

    /// Replaces the limits.
    package mutating func limitsChanged(_ limits: PoolLimits, now: Instant) -> ScaleDecision {
        reconfigured(limits: limits, concurrency: concurrency, policy: choice, now: now)
    }

    /// Replaces all that a reload may change; what was learned stays where the policy is the same but for its settings.
    package mutating func reconfigured(
        limits: PoolLimits,
        concurrency: Int,
        policy: PolicyChoice,
        now: Instant
    ) -> ScaleDecision {
        self.limits = limits
        self.concurrency = Swift.max(1, concurrency)
        if policy != choice {
            let learned = savedState(now: now)
            choice = policy
            self.policy = policy.makePolicy()
            restore(learned, now)
        }
        ask(.began, now)
        return decision
    }

    /// Replaces what the schedule keeps.
    ///
    /// The scaler takes each step by itself when it comes, so that its driver has only to hand in further ones in time.
    ///
    /// - Parameters:
    ///   - floors: The steps in the order of time; the last one that has come holds now.
    ///   - now: When.
    /// - Returns: What holds from now on.
    package mutating func scheduleChanged(_ floors: [ScheduledFloor], now: Instant) -> ScaleDecision {
        let before = self.floors.min
        self.floors.replace(floors, now: now)
        ask(self.floors.min == before ? .timer : .began, now)
        return decision
    }

    /// Tells how long a worker took from being asked for to offering slots; what follows reckons with it.
    package mutating func startMeasured(_ duration: Duration) {
        let measured = Swift.max(0, duration.wholeNanoseconds)
        startTime += (measured - startTime) / 4
    }

    /// How long a worker takes from being asked for to offering slots, as far as was measured.
    package var measuredStart: Duration { .nanoseconds(startTime) }

    /// Asks the policy and takes up its answer; true if the driver has to hear of it.
    @discardableResult
    private mutating func ask(_ cause: PolicyCause, _ now: Instant) -> Bool {
        meter.record(view.inFlight, queued: view.queued, at: now.nanoseconds)
        let cause = floors.advance(to: now) ? .began : cause
        let least = least
        let question = PolicyQuestion(
            cause: cause,
            now: now.nanoseconds,
            clockOffset: clockOffset,
            view: view,
            concurrency: concurrency,
            min: least,
            max: limits.max,
            idle: limits.idle?.wholeNanoseconds,
            startTime: startTime,
            wanted: decision.wanted
        )
        var answer = policy.decide(question, meter)
        idleBound.apply(to: &answer, question, busyUntil: meter.busyUntil)
        quiet = answer.quiet

        let wanted = Swift.min(Swift.max(answer.wanted, least), limits.max)
        var nextCheck = answer.nextCheck.map(Instant.init(nanoseconds:))
        if let floor = floors.next { nextCheck = nextCheck.map { Swift.min($0, floor.at) } ?? floor.at }
        let before = decision.wanted
        // A timer armed too early asks once more and is armed again; so a check that only moves later needs no word.
        let timerMovesEarlier = nextCheck.map { next in decision.nextCheck.map { next < $0 } ?? true } ?? false
        if wanted == before, cause == .demand || cause == .workers, !timerMovesEarlier { return false }
        decision = ScaleDecision(wanted: wanted, reason: answer.reason, nextCheck: nextCheck)
        if wanted < answer.wanted {
            if wanted != before { decision.reason = .capped(asked: answer.wanted, limit: limits.max) }
        } else if wanted > answer.wanted || (wanted == least && wanted >= before && wanted > question.needed) {
            // Only the least number of workers holds it there.
            decision.reason = floors.min > limits.min ? .scheduled(min: wanted) : .minimum(wanted)
        }
        if wanted != before { record(before: before, now) }
        return true
    }

    private mutating func record(before: Int, _ now: Instant) {
        records.append(
            DecisionRecord(at: now, before: before, wanted: decision.wanted, reason: decision.reason, inputs: view)
        )
    }
}

extension PoolScaler {
    /// The last decisions that changed the number of workers, oldest first, at most 32.
    package var history: [DecisionRecord] { records.oldestFirst }

    /// The next change of the wanted workers that comes if demand stays as it is, found by letting a copy run ahead.
    ///
    /// - Returns: `nil` where nothing changes by itself, or not within so many checks.
    package func foreseen(checks: Int = 2_000) -> PlannedChange? {
        var ahead = self
        for _ in 0..<checks {
            guard let next = ahead.decision.nextCheck else { return nil }
            let decision = ahead.timerFired(now: next)
            if decision.wanted != self.decision.wanted {
                return PlannedChange(wanted: decision.wanted, at: next, reason: decision.reason)
            }
            if let later = decision.nextCheck, later <= next { return nil }
        }
        return nil
    }

    /// Why the pool has the workers it has, and what is planned.
    ///
    /// Looks ahead with ``foreseen(checks:)``, so it is nothing to ask for at every request.
    package var explanation: Explanation {
        Explanation(
            policy: choice.name,
            limits: limits,
            scheduledMin: floors.min,
            nextFloor: floors.next,
            concurrency: concurrency,
            startTime: .nanoseconds(startTime),
            now: view,
            decision: decision,
            planned: foreseen(),
            history: records.oldestFirst
        )
    }

    /// What the policy has learned, at most 8 KiB, to be given to a later scaler of the same pool and policy.
    package func savedState(now: Instant) -> [UInt8] {
        SavedState(policy: choice.name, payload: policy.encodeLearned(at: now.nanoseconds, clockOffset: clockOffset))
            .encoded()
    }

    private mutating func restore(_ saved: [UInt8], _ now: Instant) {
        do throws(SavedStateError) {
            let state = try SavedState.decode(saved)
            // Another policy's learning is of no use here, but it is no damage either.
            guard state.policy == choice.name else { return }
            guard policy.restoreLearned(state.payload, at: now.nanoseconds, clockOffset: clockOffset) else {
                throw .meaningless(policy: choice.name)
            }
        } catch {
            stateWarning = error.description
        }
    }
}
