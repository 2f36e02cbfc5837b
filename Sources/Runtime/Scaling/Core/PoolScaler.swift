package import Time

/// Decides how many workers one pool should have.
///
/// Its driver tells it of every change of demand and of workers, arms one timer at the last decision's `nextCheck`,
/// and makes the pool have the workers wanted: it starts what is missing at once, and lets idle workers go first.
/// Most changes of demand decide nothing; they cost a few additions and no allocation.
package struct PoolScaler: Sendable {
    package private(set) var limits: PoolLimits
    /// Slots a worker has.
    package let concurrency: Int
    /// What holds now.
    package private(set) var decision: ScaleDecision

    /// Why a saved state was discarded, if one was; for the log.
    package private(set) var stateWarning: String?

    private let policyName: String
    private var policy: any ScalingPolicy
    private var planned: PlannedChange?
    private var meter: DemandMeter
    private var view = PoolView()
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
        startTime: Duration = .milliseconds(5),
        wallClock: Duration = .zero,
        saved: [UInt8]? = nil,
        now: Instant
    ) {
        self.limits = limits
        self.concurrency = Swift.max(1, concurrency)
        policyName = policy.name
        self.policy = policy.makePolicy()
        self.startTime = Swift.max(0, startTime.wholeNanoseconds)
        // Never negative, so that minutes can be told by dividing.
        clockOffset = Swift.max(wallClock.wholeNanoseconds, 0) &- Swift.min(now.nanoseconds, 0)
        meter = DemandMeter(now: now)
        decision = ScaleDecision(wanted: limits.min, reason: .began(min: limits.min), nextCheck: nil)
        if let saved { restore(saved, now) }
        ask(.began, now)
        decision.reason = .began(min: limits.min)
        record(before: 0, now)
    }

    /// Tells that demand changed: to be called on every arrival and every completion.
    ///
    /// - Parameters:
    ///   - inFlight: Invocations running or queued.
    ///   - queued: Those of them that wait for a slot.
    ///   - freeSlots: Slots that offer room.
    ///   - now: When.
    /// - Returns: A new decision, or `nil` where the last one still holds.
    package mutating func demandChanged(inFlight: Int, queued: Int, freeSlots: Int, now: Instant) -> ScaleDecision? {
        meter.record(inFlight, queued: queued, at: now.nanoseconds)
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

    /// Replaces the limits, as a reload does.
    package mutating func limitsChanged(_ limits: PoolLimits, now: Instant) -> ScaleDecision {
        self.limits = limits
        ask(.began, now)
        return decision
    }

    /// Tells how long a worker took from being asked for to offering slots; what follows reckons with it.
    package mutating func startMeasured(_ duration: Duration) {
        let measured = Swift.max(0, duration.wholeNanoseconds)
        startTime += (measured - startTime) / 4
    }

    /// Asks the policy and takes up its answer; true if the driver has to hear of it.
    @discardableResult
    private mutating func ask(_ cause: PolicyCause, _ now: Instant) -> Bool {
        meter.record(view.inFlight, queued: view.queued, at: now.nanoseconds)
        let question = PolicyQuestion(
            cause: cause,
            now: now.nanoseconds,
            clockOffset: clockOffset,
            view: view,
            concurrency: concurrency,
            min: limits.min,
            max: limits.max,
            idle: limits.idle?.wholeNanoseconds,
            startTime: startTime,
            wanted: decision.wanted
        )
        let answer = policy.decide(question, meter)
        quiet = answer.quiet
        planned = answer.planned

        let wanted = Swift.min(Swift.max(answer.wanted, limits.min), limits.max)
        let nextCheck = answer.nextCheck.map(Instant.init(nanoseconds:))
        let before = decision.wanted
        // A timer armed too early asks once more and is armed again; so a check that only moves later needs no word.
        let timerMovesEarlier = nextCheck.map { next in decision.nextCheck.map { next < $0 } ?? true } ?? false
        if wanted == before, cause == .demand || cause == .workers, !timerMovesEarlier { return false }
        decision = ScaleDecision(wanted: wanted, reason: answer.reason, nextCheck: nextCheck)
        if wanted != before {
            if wanted < answer.wanted {
                decision.reason = .capped(asked: answer.wanted, limit: limits.max)
            } else if wanted > answer.wanted {
                decision.reason = .minimum(limits.min)
            }
            record(before: before, now)
        }
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

    /// Why the pool has the workers it has, and what is planned.
    package var explanation: Explanation {
        Explanation(
            policy: policyName,
            limits: limits,
            concurrency: concurrency,
            startTime: .nanoseconds(startTime),
            now: view,
            decision: decision,
            planned: planned,
            history: records.oldestFirst
        )
    }

    /// What the policy has learned, at most 8 KiB, to be given to a later scaler of the same pool and policy.
    package func savedState(now: Instant) -> [UInt8] {
        SavedState(policy: policyName, payload: policy.encodeLearned(at: now.nanoseconds, clockOffset: clockOffset))
            .encoded()
    }

    private mutating func restore(_ saved: [UInt8], _ now: Instant) {
        do throws(SavedStateError) {
            let state = try SavedState.decode(saved)
            // Another policy's learning is of no use here, but it is no damage either.
            guard state.policy == policyName else { return }
            guard policy.restoreLearned(state.payload, at: now.nanoseconds, clockOffset: clockOffset) else {
                throw .meaningless(policy: policyName)
            }
        } catch {
            stateWarning = error.description
        }
    }
}
