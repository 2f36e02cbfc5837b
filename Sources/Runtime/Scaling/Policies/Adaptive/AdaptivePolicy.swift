import Time

/// Learns each pool's rhythm, and keeps, stops and pre-warms workers where that costs least.
///
/// Level k is needed while more than (k - 1) × concurrency invocations are in flight, a backlog counting only as far as
/// it takes more workers to clear it in time. A needed level is there at once. For a level that is not needed the plan
/// weighs the worker-seconds of keeping it against what a wait costs, by how likely it is needed when.
struct AdaptivePolicy: ScalingPolicy {
    private struct Sample {
        var due: Int64
        var arrivals: Int64
        var load: Int64
    }

    private let cost: WaitCost
    private var levels: [AdaptiveLevel] = []
    /// What is measured while a level begins to be needed, by level.
    private var samples: [Sample?] = []
    private var sampling = 0
    /// For each level, what is known of the next one while it fills up.
    private var headrooms: [Headroom] = []
    private var needed = 0
    private var neededAtMinuteBegin = 0
    private var minute: Int64 = .min
    private var features = RhythmModel.Features()
    // How long an invocation runs on average, in nanoseconds, and over how many that is known.
    private var duration = 0.0
    private var durationSeen = 0.0
    private var completionsSeen: Int64 = 0
    /// Arrivals that the first level's minutes know of.
    private var arrivalsCounted: Int64 = 0
    private var serviceSeen: Int64 = 0

    init(cost: WaitCost) { self.cost = cost }

    mutating func decide(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer {
        let clock = question.now &+ question.clockOffset
        closeMinutes(until: clock)
        measureDuration(meter)
        let prices = prices(question)
        change(to: need(question), clock, prices, question, meter)
        watchHeadroom(clock, prices, question)
        takeSamples(question, meter)
        return answer(clock, prices, question)
    }

    // MARK: Prices

    private struct Prices {
        /// Worker-seconds a waiting request costs.
        var wait: Double
        /// Worker-seconds a start costs, in itself and for the unrest.
        var start: Double
        /// Nanoseconds a worker is kept before any plan is made.
        var leastKeep: Int64
    }

    private func prices(_ question: PolicyQuestion) -> Prices {
        // A wait of a few milliseconds is not felt, so sparing it is worth little.
        let felt = Swift.min(1, Double(question.startTime) / Double(AdaptiveConstants.feltWait))
        let wait = cost.workerSeconds * felt
        let keep = Swift.min(
            Swift.max(wait * AdaptiveConstants.keepShare, AdaptiveConstants.leastKeep.lowerBound),
            AdaptiveConstants.leastKeep.upperBound
        )
        return Prices(
            wait: wait,
            start: Double(question.startTime) * 1e-9
                + Swift.min(AdaptiveConstants.mostStartPrice, AdaptiveConstants.startPriceShare * wait),
            leastKeep: Int64(keep * 1e9)
        )
    }

    // MARK: Need

    /// The level that what is in flight needs.
    private func need(_ question: PolicyQuestion) -> Int {
        let inFlight = question.view.inFlight
        if inFlight <= 0 { return 0 }
        var load = Double(inFlight)
        let queued = Swift.min(question.view.queued, inFlight)
        if queued > 0, durationSeen > 0 {
            let clear = Swift.max(
                Double(question.startTime) * AdaptiveConstants.clearShare,
                Double(AdaptiveConstants.feltWait)
            )
            load = Double(inFlight - queued) + Double(queued) * Swift.min(1, duration / clear)
        }
        let workers = Int((load / Double(question.concurrency)).rounded(.up))
        return Swift.min(question.max, Swift.max(1, workers))
    }

    private mutating func measureDuration(_ meter: DemandMeter) {
        let ended = meter.completions - completionsSeen
        guard ended >= 8 || (ended > 0 && durationSeen < 8) else { return }
        let mean = Double(meter.service - serviceSeen) / Double(ended)
        duration += (mean - duration) * Double(ended) / (durationSeen + Double(ended))
        durationSeen = Swift.min(durationSeen + Double(ended), 500)
        completionsSeen = meter.completions
        serviceSeen = meter.service
    }

    private mutating func change(
        to now: Int,
        _ clock: Int64,
        _ prices: Prices,
        _ question: PolicyQuestion,
        _ meter: DemandMeter
    ) {
        while levels.count < now {
            levels.append(AdaptiveLevel(now: clock, isLowest: levels.isEmpty))
            headrooms.append(Headroom())
            samples.append(nil)
        }
        if !levels.isEmpty {
            levels[0].came(Int(meter.arrivals - arrivalsCounted))
            arrivalsCounted = meter.arrivals
        }
        if now > needed {
            for index in needed..<now {
                if index > 0 { headrooms[index - 1].settle(needed: true) }
                let pause = clock - levels[index].lastNeeded
                // Above the first level requests tell less than needs do.
                if index > 0 { levels[index].came(1) }
                levels[index].begin(at: clock, leastKeep: prices.leastKeep)
                // Only a level that might have been gone tells what its absence costs.
                if samples[index] == nil, pause == 0 || pause >= prices.leastKeep {
                    samples[index] = Sample(
                        due: question.now + question.startTime,
                        arrivals: meter.arrivals - 1,
                        load: meter.load(at: question.now)
                    )
                    sampling += 1
                }
            }
        } else if now < needed {
            for index in now..<needed { levels[index].end(at: clock) }
        }
        needed = now
    }

    // MARK: Headroom

    /// From how many in flight on the next level may be started beforehand.
    private func nearlyFull(_ question: PolicyQuestion) -> Int {
        let share = Int((Double(question.concurrency) * AdaptiveConstants.headroomShare).rounded(.up))
        return (needed - 1) * question.concurrency + Swift.max(1, share)
    }

    /// The next level's headroom, where there may be one.
    private func hasHeadroom(_ question: PolicyQuestion) -> Bool { needed > 0 && needed < question.max }

    private mutating func watchHeadroom(_ clock: Int64, _ prices: Prices, _ question: PolicyQuestion) {
        guard hasHeadroom(question) else { return }
        if let until = headrooms[needed - 1].watchedUntil {
            guard clock >= until else { return }
            headrooms[needed - 1].settle(needed: false)
        }
        guard question.wanted <= needed || clock < headroomUntil, question.view.queued == 0,
            question.view.inFlight >= nearlyFull(question)
        else { return }
        let span =
            Double(question.startTime) * 1e-9 * AdaptiveConstants.headroomStarts + AdaptiveConstants.headroomSeconds
        let waiting = needed < levels.count ? weighted(levels[needed].waiting) : 1
        let chance = headrooms[needed - 1].chance
        headrooms[needed - 1].watch(
            until: clock + Int64(span * 1e9),
            warm: chance * prices.wait * waiting
                > (1 - chance) * (span + prices.start * AdaptiveConstants.headroomStartShare)
        )
    }

    /// Until when the level above those needed is kept in expectation.
    private var headroomUntil: Int64 {
        needed > 0 ? headrooms[needed - 1].warmUntil : .min
    }

    /// Counts the requests that would have waited for a start, a start's time after a level was needed.
    private mutating func takeSamples(_ question: PolicyQuestion, _ meter: DemandMeter) {
        if sampling == 0 { return }
        for index in samples.indices {
            guard let sample = samples[index], question.now >= sample.due else { continue }
            let came = Double(meter.arrivals - sample.arrivals)
            var waiting = came
            if index > 0, question.startTime > 0 {
                let mean = Double(meter.load(at: question.now) - sample.load) / Double(question.startTime)
                let capacity = Double(index * question.concurrency)
                let excess = Swift.max(0, mean - capacity)
                // By Little's law each request would wait for the excess ahead of it to be worked off by the rest.
                let wait = excess * mean * Double(question.startTime) / came / capacity
                let own = Swift.min(excess, Double(question.concurrency)) / Swift.max(0.01, mean)
                waiting = came * Swift.min(1, wait / Double(AdaptiveConstants.feltWait))
                waiting *= Swift.min(1, own * AdaptiveConstants.ownShare)
            }
            levels[index].measured(waiting: waiting)
            samples[index] = nil
            sampling -= 1
        }
    }

    // MARK: Minutes

    private mutating func closeMinutes(until clock: Int64) {
        let current = clock / AdaptiveLevel.minute
        if minute == .min || current < minute {
            minute = current
            neededAtMinuteBegin = needed
            return
        }
        // After a very long silence there is nothing more to learn from each of its minutes.
        let skipped = current - minute - 240
        while minute < current {
            if skipped > 0, minute == current - skipped {
                for index in levels.indices {
                    levels[index].age(
                        by: Int(skipped),
                        neededNow: index < needed,
                        until: current * AdaptiveLevel.minute
                    )
                }
                minute = current
            } else {
                for index in levels.indices {
                    levels[index].close(
                        minute: minute,
                        neededAtBegin: index < neededAtMinuteBegin,
                        neededNow: index < needed,
                        features: &features
                    )
                }
                minute += 1
            }
            neededAtMinuteBegin = needed
        }
    }

    // MARK: Answer

    private mutating func answer(_ clock: Int64, _ prices: Prices, _ question: PolicyQuestion) -> PolicyAnswer {
        var wanted = needed
        var next = Int64.max
        var planned: (at: Int64, change: Int)?
        var stopped: (level: Int, step: KeepPlan.Step)?
        var started: (level: Int, step: KeepPlan.Step)?
        if sampling > 0 {
            for case .some(let sample) in samples { next = Swift.min(next, sample.due + question.clockOffset) }
        }
        if hasHeadroom(question), let watched = headrooms[needed - 1].watchedUntil {
            next = Swift.min(next, watched)
        }
        if hasHeadroom(question), clock < headroomUntil, needed >= levels.count { wanted += 1 }
        for index in needed..<Swift.max(needed, levels.count) {
            // Whether or not the level below is needed all the while: in a burst it may not be for a moment.
            if index > 0, clock < headrooms[index - 1].warmUntil {
                wanted += 1
                next = Swift.min(next, headrooms[index - 1].warmUntil)
                continue
            }
            let keepUntil = levels[index].lastNeeded + Swift.min(prices.leastKeep, question.idle ?? .max)
            if clock < keepUntil {
                wanted += 1
                next = Swift.min(next, keepUntil)
                continue
            }
            levels[index].makePlan(
                now: clock,
                missCost: prices.wait * weighted(levels[index].waiting) + prices.start,
                startCost: prices.start,
                lead: question.startTime,
                longest: question.idle,
                features: &features
            )
            let plan = levels[index].plan
            if let step = plan.step(at: clock) {
                if step.warm {
                    wanted += 1
                    started = started ?? (index + 1, step)
                } else {
                    stopped = stopped ?? (index + 1, step)
                }
            }
            if let open = plan.openFrom { next = Swift.min(next, open) }
            if let step = plan.next(after: clock) {
                next = Swift.min(next, step.at)
                if planned.map({ step.at < $0.at }) ?? true { planned = (step.at, step.warm ? 1 : -1) }
            }
        }
        return PolicyAnswer(
            wanted: wanted,
            reason: reason(wanted, stopped, started, clock, question),
            quiet: band(question, wanted),
            nextCheck: next == .max ? nil : next - question.clockOffset,
            planned: planned.map {
                PlannedChange(
                    wanted: Swift.min(Swift.max(wanted + $0.change, question.min), question.max),
                    at: Instant(nanoseconds: $0.at - question.clockOffset)
                )
            }
        )
    }

    private func weighted(_ waiting: Double) -> Double {
        waiting <= 1 ? waiting : exponential(AdaptiveConstants.waitingPower * naturalLogarithm(waiting))
    }

    private func reason(
        _ wanted: Int,
        _ stopped: (level: Int, step: KeepPlan.Step)?,
        _ started: (level: Int, step: KeepPlan.Step)?,
        _ clock: Int64,
        _ question: PolicyQuestion
    ) -> ScaleReason {
        if wanted < question.wanted, let stopped {
            return .unlikely(
                level: stopped.level,
                idle: .nanoseconds(clock - levels[stopped.level - 1].lastNeeded),
                chance: stopped.step.chance,
                within: .nanoseconds(stopped.step.within)
            )
        }
        if wanted > question.wanted, wanted > needed, let started {
            return .expected(
                level: started.level,
                chance: started.step.chance,
                within: .nanoseconds(started.step.within)
            )
        }
        if wanted > question.wanted {
            return .demand(inFlight: question.view.inFlight, concurrency: question.concurrency, headroom: 0)
        }
        return .steady(inFlight: question.view.inFlight)
    }

    /// While nobody waits, only crossing a level matters; while somebody does, every change may.
    private func band(_ question: PolicyQuestion, _ wanted: Int) -> ClosedRange<Int> {
        let inFlight = question.view.inFlight
        if inFlight == 0 { return 0...0 }
        if question.view.queued > 0 { return inFlight...inFlight }
        var upper =
            needed >= question.max
            ? Int.max
            : Swift.max(inFlight, Swift.min(needed, question.view.ready) * question.concurrency)
        if hasHeadroom(question), wanted <= needed,
            headrooms[needed - 1].watchedUntil == nil
        {
            upper = Swift.min(upper, Swift.max(inFlight, nearlyFull(question) - 1))
        }
        return Swift.min(inFlight, (needed - 1) * question.concurrency + 1)...upper
    }
}

// MARK: Saved state

extension AdaptivePolicy {
    /// Levels whose learning is saved; those above learn anew.
    static let savedLevels = 3
    private static let format: UInt8 = 5

    func encodeLearned(at now: Int64, clockOffset: Int64) -> [UInt8] {
        var bytes: [UInt8] = [Self.format]
        bytes.append(integer: now &+ clockOffset)
        bytes.append(number: duration)
        bytes.append(number: durationSeen)
        bytes.append(UInt8(Swift.min(Self.savedLevels, levels.count)))
        for level in levels.prefix(Self.savedLevels) { level.encode(into: &bytes) }
        return bytes
    }

    mutating func restoreLearned(_ bytes: ArraySlice<UInt8>, at now: Int64, clockOffset: Int64) -> Bool {
        var reader = ByteReader(bytes)
        let clock = now &+ clockOffset
        guard reader.integer(UInt8.self) == Self.format, let saved = reader.integer(Int64.self), saved >= 0,
            let mean = reader.number(), mean >= 0,
            let seen = reader.number(), (0...500).contains(seen),
            let count = reader.integer(UInt8.self), count <= Self.savedLevels
        else { return false }
        // A clock that went back, as one without wall time does at a restart, goes on from where it was.
        let shift = saved > clock ? clock - saved : 0
        var restored: [AdaptiveLevel] = []
        for _ in 0..<count {
            let isLowest = restored.isEmpty
            guard let level = AdaptiveLevel(from: &reader, isLowest: isLowest, shift: shift, now: clock) else {
                return false
            }
            restored.append(level)
        }
        guard reader.isAtEnd else { return false }
        levels = restored
        samples = Array(repeating: nil, count: restored.count)
        headrooms = Array(repeating: Headroom(), count: restored.count)
        duration = mean
        durationSeen = seen
        minute = (saved + shift) / AdaptiveLevel.minute
        neededAtMinuteBegin = 0
        return true
    }
}
