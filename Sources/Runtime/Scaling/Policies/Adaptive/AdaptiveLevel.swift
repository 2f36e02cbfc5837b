/// What the adaptive policy knows of one worker level: when it was needed, and what that foretells.
///
/// All times are nanoseconds on the policy's clock, whose minutes are the wall clock's where that is known.
struct AdaptiveLevel: Sendable {
    static let minute: Int64 = 60_000_000_000
    /// Parts of a minute told apart.
    private static let parts = CountForecast.parts
    private static let part = minute / Int64(parts)
    /// Minutes foreseen one by one; beyond them the gap histogram speaks alone, up to nine hours.
    private static let horizon: Int64 = 75
    /// Minutes foreseen part by part; what lies beyond is planned anew when it has come near.
    private static let near: Int64 = 20

    /// When it was last needed.
    var lastNeeded: Int64
    private(set) var plan = KeepPlan()
    private var planned = false
    private var plannedAt: Int64 = 0
    /// When the plan for the gap under way was first made, and what was foretold of the rest of its minute then.
    private var foretold: (at: Int64, chance: Double)?
    /// Since when the level has been kept warm.
    private var warmSince: Int64
    private var gaps = GapHistogram()
    private var rhythm: RhythmModel
    private var bits = NeedBits()
    private var period = NeedBits.Period()
    private var counts = MinuteCounts()
    /// Minutes of the last two gaps that were longer than a moment.
    private var previousGaps = (last: 64, before: 64)
    /// Minutes in which it was needed, and all minutes; both forget over hours.
    private var busyMinutes = 0.0
    private var allMinutes = 0.0
    /// In which part of the minute needs begin after a pause.
    private var begins = [Double](repeating: 3, count: parts)
    private var beginsSeen = 0
    private var again = SameMinute()
    /// When the last need ended and with what count, while it is open whether the next comes within that minute.
    private var ended: (at: Int64, context: Int)?
    /// Requests that would wait if the level were missing when it is needed.
    private(set) var waiting = 1.0
    private var waitingSeen = 0.0
    // As they stood when the minute under way began.
    private var lastNeededBefore: Int64
    private var previousGapsBefore = (last: 64, before: 64)

    init(now: Int64, rhythm: RhythmModel = RhythmModel()) {
        self.rhythm = rhythm
        lastNeeded = now
        lastNeededBefore = now
        warmSince = now
        bits.markLatest()
    }

    /// Requests came, of which the level's minutes are to know.
    mutating func came(_ requests: Int) { counts.add(requests) }

    /// The level is needed again.
    mutating func begin(at now: Int64, leastKeep: Int64) {
        let gap = now - lastNeeded
        if let ended {
            self.ended = nil
            // Shorter gaps are bridged anyway.
            if gap >= leastKeep {
                again.learn(ended: ended.at, next: now)
                counts.learn(ended.context, cameAgain: now / Self.minute == ended.at / Self.minute)
            }
        }
        if gap >= leastKeep { gaps.add(Double(gap) * 1e-9) }
        if Double(gap) * 1e-9 >= AdaptiveConstants.rhythmGap {
            previousGaps = (Int((gap + Self.minute / 2) / Self.minute), previousGaps.last)
            begins[Int(now % Self.minute / Self.part)] += 1
            beginsSeen += 1
            if beginsSeen >= 64 {
                beginsSeen = 32
                for index in begins.indices { begins[index] = 1.5 + begins[index] / 2 }
            }
        }
        bits.markLatest()
    }

    /// The level is no longer needed.
    mutating func end(at now: Int64) {
        ended = (now, counts.context(at: now))
        lastNeeded = now
        warmSince = now
        planned = false
        foretold = nil
    }

    /// Takes in how many requests would have waited without it.
    mutating func measured(waiting count: Double) {
        waitingSeen = Swift.min(waitingSeen + 1, AdaptiveConstants.waitingMemory)
        waiting += (Swift.max(count, 0.05) - waiting) / (waitingSeen + 1)
    }

    /// The minute `minute` is over; `neededAtBegin` and `neededNow` tell whether a need reached in from before and goes on.
    ///
    /// - Returns: What was foretold of the minute and what came, where there was anything to foretell.
    @discardableResult
    mutating func close(
        minute: Int64,
        neededAtBegin: Bool,
        neededNow: Bool,
        features: inout RhythmModel.Features
    ) -> (chance: Double, needed: Bool)? {
        var outcome: (chance: Double, needed: Bool)?
        if !neededAtBegin {
            let chance = chance(of: minute, current: minute, before: true, features: &features)
            let needed = bits.bit(0) == 1
            rhythm.learn(features, predicted: chance, needed: needed)
            outcome = (chance, needed)
        }
        age(by: 1, neededNow: neededNow, until: (minute + 1) * Self.minute)
        return outcome
    }

    /// Minutes pass without learning from them.
    mutating func age(by minutes: Int, neededNow: Bool, until now: Int64) {
        let keep = exponential(-Double(minutes) / AdaptiveConstants.regimeMemory)
        busyMinutes = busyMinutes * keep + Double(bits.bit(0))
        allMinutes = Swift.min(AdaptiveConstants.regimeMemory, allMinutes + Double(minutes))
        if bits.bit(0) == 1 { period = bits.period }
        bits = bits.aged(by: minutes)
        counts.close(minutes: minutes)
        if neededNow {
            bits.markLatest()
            lastNeeded = now
        }
        lastNeededBefore = lastNeeded
        previousGapsBefore = previousGaps
    }

    /// How busy the level has been for hours, in classes; 0 where that is not known yet.
    private var regime: Int {
        guard allMinutes >= 20 else { return 0 }
        let share = busyMinutes / allMinutes
        let edges = [0.01, 0.03, 0.08, 0.2, 0.45, 0.8]
        return 1 + (edges.firstIndex { share < $0 } ?? edges.count)
    }

    /// The chance that the level is needed in a minute, if not before it.
    ///
    /// `before`: By what was known when the minute began, where it is the one under way.
    private func chance(
        of minute: Int64,
        current: Int64,
        before: Bool,
        byGaps: Double? = nil,
        features: inout RhythmModel.Features
    ) -> Double {
        let last = before ? lastNeededBefore : lastNeeded
        let ahead = Int(minute - current)
        features.look(
            RhythmModel.Past(
                needs: ahead == 0 ? bits.withoutLatest : bits.aged(by: ahead - 1),
                sinceNeed: Int(minute - last / Self.minute),
                gaps: before ? previousGapsBefore : previousGaps,
                requests: counts.before(minuteAhead: ahead),
                regime: regime,
                period: period
            )
        )
        if let byGaps { return rhythm.chance(&features, byGaps: byGaps) }
        let since = Double(minute * Self.minute - last) * 1e-9
        return rhythm.chance(&features, byGaps: gaps.chance(from: since, to: since + 60))
    }

    /// The chance that the level is needed before this minute is over, given that it has not been so far.
    ///
    /// `firsts`: When in a minute the first need comes.
    private mutating func chanceOfRest(
        _ now: Int64,
        _ firsts: FirstNeeds,
        features: inout RhythmModel.Features
    ) -> Double {
        let current = now / Self.minute
        let minuteEnd = (current + 1) * Self.minute
        if lastNeeded / Self.minute == current {
            // The rhythm's minutes are too coarse for it.
            if let foretold {
                let elapsed = Double(now - foretold.at) / Double(minuteEnd - foretold.at)
                return foretold.chance * (1 - elapsed) / (1 - foretold.chance * elapsed)
            }
            let since = Double(now - lastNeeded) * 1e-9
            let byGaps = gaps.chance(from: since, to: Double(minuteEnd - lastNeeded) * 1e-9)
            let byOutcomes = counts.chance(
                ended?.context ?? counts.context(at: now),
                otherwise: again.chance(now: now, lastNeeded: lastNeeded, byGaps: byGaps)
            )
            let elapsed = Double(now % Self.minute) / Double(Self.minute)
            let byCounts = counts.forecast.chanceOfMore(after: counts.now, elapsed: elapsed)
            let chance = Self.mixed(byGaps: byGaps, byCounts: byCounts, byOutcomes: byOutcomes)
            foretold = (now, chance)
            return chance
        }
        let whole = chance(of: current, current: current, before: false, features: &features)
        let elapsed = firsts.share(before: now % Self.minute)
        return whole * (1 - elapsed) / (1 - whole * elapsed)
    }

    /// The chance that a need comes again within its minute, from what three views say of it.
    private static func mixed(byGaps: Double, byCounts: Double, byOutcomes: Double) -> Double {
        func odds(_ chance: Double) -> Double {
            let within = Swift.min(Swift.max(chance, 0.001), 0.999)
            return naturalLogarithm(within / (1 - within))
        }
        let share = AdaptiveConstants.sameMinute
        let sum =
            share.gaps * odds(byGaps) + share.counts * odds(byCounts) + share.outcomes * odds(byOutcomes) + share.bias
        return Swift.min(Swift.max(1 / (1 + exponential(-sum)), 0.0005), 0.9995)
    }

    /// When in a minute that has a need the first begins: as seen so far, and as the last minutes' counts foretell.
    private var firstNeeds: FirstNeeds {
        var parts = begins
        if let shape = counts.forecast.firstByPart {
            for part in parts.indices { parts[part] += AdaptiveConstants.shapeWeight * shape[part] }
        }
        return FirstNeeds(parts)
    }

    private struct FirstNeeds {
        /// The share of each part of the minute.
        let shares: [Double]

        init(_ weights: [Double]) {
            let all = weights.reduce(0, +)
            shares = weights.map { $0 / all }
        }

        /// The share that begins before a moment of the minute, in nanoseconds since it began.
        func share(before moment: Int64) -> Double {
            var sum = 0.0
            for (index, share) in shares.enumerated() {
                let begin = Int64(index) * AdaptiveLevel.part
                if moment < begin + AdaptiveLevel.part {
                    return sum + share * Double(Swift.max(0, moment - begin)) / Double(AdaptiveLevel.part)
                }
                sum += share
            }
            return 1
        }
    }

    /// Makes the plan for the gap under way, if it is not made yet.
    mutating func makePlan(
        now: Int64,
        missCost: Double,
        startCost: Double,
        lead: Int64,
        longest: Int64?,
        features: inout RhythmModel.Features
    ) {
        if planned {
            if let open = plan.openFrom {
                guard now >= open else { return }
            } else {
                // A start foreseen from afar was planned to the minute only.
                guard let step = plan.step(at: now), step.warm, now - plannedAt > Self.near * Self.minute else {
                    return
                }
                warmSince = step.at
            }
        }
        planned = true
        plannedAt = now
        let current = now / Self.minute
        let minuteEnd = (current + 1) * Self.minute
        let firsts = firstNeeds
        let left = chanceOfRest(now, firsts, features: &features)
        // Once the minute had a need, another may come at any moment of the rest.
        let isFirst = lastNeeded / Self.minute != current
        let over = isFirst ? firsts.share(before: now % Self.minute) : 0
        var edges = [now]
        var chances: [Double] = []
        var none = 1.0
        var worth = true
        while let at = edges.last, at < minuteEnd {
            let to = (at / Self.part + 1) * Self.part
            let share =
                isFirst
                ? (firsts.share(before: to - current * Self.minute) - firsts.share(before: at % Self.minute))
                    / Swift.max(1e-6, 1 - over)
                : Double(to - at) / Double(minuteEnd - now)
            let mass = left * share
            let chance = Swift.min(Swift.max(mass / Swift.max(1e-6, none), 0.00001), 0.9995)
            if worth, !KeepPlan.isWorthStaying(width: to - at, chance: chance, missCost: missCost) {
                worth = false
                if at > now, plan(until: at, now, left, longest) { return }
            }
            chances.append(chance)
            none -= mass
            edges.append(to)
        }
        if worth, plan(until: minuteEnd, now, left, longest) { return }
        edges.reserveCapacity(320)
        chances.reserveCapacity(320)
        let distribution = gaps.cumulative()
        // Asked bin after bin, so each bin's end is the next one's begin.
        var below = distribution.below(Double(minuteEnd - lastNeeded) * 1e-9)
        func byGaps(until to: Int64) -> Double {
            let before = below
            below = distribution.below(Double(to - lastNeeded) * 1e-9)
            return GapHistogram.Cumulative.chance(before: before, after: below)
        }
        for minute in (current + 1)...(current + Self.horizon) {
            let end = (minute + 1) * Self.minute
            let chance = chance(
                of: minute,
                current: current,
                before: false,
                byGaps: byGaps(until: end),
                features: &features
            )
            if minute > current + Self.near {
                chances.append(chance)
                edges.append(end)
                continue
            }
            var rest = 1.0
            for part in 0..<Self.parts {
                let mass = chance * firsts.shares[part]
                chances.append(mass / rest)
                rest -= mass
                edges.append(minute * Self.minute + Int64(part + 1) * Self.part)
            }
        }
        var ahead: Int64 = 90
        while ahead < 540 {
            let to = (current + ahead) * Self.minute
            chances.append(byGaps(until: to))
            edges.append(to)
            ahead = ahead * 5 / 4
        }
        plan = KeepPlan(
            edges: edges,
            chances: chances,
            missCost: missCost,
            startCost: startCost,
            lead: lead,
            warmSince: warmSince,
            longest: longest
        )
    }

    /// Plans to stay warm until then and to think again, which for a busy level hardly ever comes to pass; false where
    /// it must go before.
    private mutating func plan(until: Int64, _ now: Int64, _ chance: Double, _ longest: Int64?) -> Bool {
        if let longest, warmSince + longest < until { return false }
        let within = (now / Self.minute + 1) * Self.minute - now
        plan = KeepPlan(warmFrom: now, until: until, chance: chance, within: within)
        return true
    }
}

extension AdaptiveLevel {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(integer: lastNeeded)
        bytes.append(integer: Int32(clamping: previousGaps.last))
        bytes.append(integer: Int32(clamping: previousGaps.before))
        bytes.append(integer: Float(waiting).bitPattern)
        bytes.append(UInt8(waitingSeen))
        bytes.append(integer: Float(busyMinutes).bitPattern)
        bytes.append(integer: Float(allMinutes).bitPattern)
        for value in begins { bytes.append(UInt8(Swift.min(255, value.rounded()))) }
        bits.encode(into: &bytes)
        counts.encode(into: &bytes)
        again.encode(into: &bytes)
        gaps.encode(into: &bytes)
        rhythm.encode(into: &bytes)
    }

    /// Reads what ``encode(into:)`` wrote, moving its times by `shift`.
    init?(from reader: inout ByteReader, shift: Int64, now: Int64) {
        guard let last = reader.integer(Int64.self), let previous = reader.integer(Int32.self), previous >= 0,
            let before = reader.integer(Int32.self), before >= 0,
            let pattern = reader.integer(UInt32.self), let seen = reader.integer(UInt8.self),
            let busyPattern = reader.integer(UInt32.self), let allPattern = reader.integer(UInt32.self),
            let begins = reader.take(Self.parts),
            let bits = NeedBits(from: &reader),
            let counts = MinuteCounts(from: &reader),
            let again = SameMinute(from: &reader),
            let gaps = GapHistogram(from: &reader),
            let rhythm = RhythmModel(from: &reader)
        else { return nil }
        let waiting = Double(Float(bitPattern: pattern))
        guard waiting.isFinite, waiting > 0, Double(seen) <= AdaptiveConstants.waitingMemory else { return nil }
        let busy = Double(Float(bitPattern: busyPattern))
        let all = Double(Float(bitPattern: allPattern))
        guard busy.isFinite, busy >= 0, (0...AdaptiveConstants.regimeMemory).contains(all) else { return nil }
        let (moved, overflow) = last.addingReportingOverflow(shift)
        guard !overflow, moved >= 0 else { return nil }
        self.init(now: Swift.min(moved, now))
        self.waiting = waiting
        self.bits = bits
        self.counts = counts
        self.again = again
        self.gaps = gaps
        self.rhythm = rhythm
        self.begins = begins.map { Swift.max(1, Double($0)) }
        period = bits.period
        previousGaps = (Int(previous), Int(before))
        previousGapsBefore = previousGaps
        busyMinutes = busy
        allMinutes = all
        waitingSeen = Double(seen)
    }
}
