/// What the adaptive policy knows of one worker level: when it was needed, and what that foretells.
///
/// All times are nanoseconds on the policy's clock, whose minutes are the wall clock's where that is known.
struct AdaptiveLevel: Sendable {
    static let minute: Int64 = 60_000_000_000
    /// Parts of a minute told apart.
    private static let parts = CountForecast.parts
    static let part = minute / Int64(parts)
    /// Minutes foreseen one by one; beyond them the gap histogram speaks alone, up to nine hours.
    private static let horizon: Int64 = 75
    /// Minutes foreseen part by part; what lies beyond is planned anew when it has come near.
    private static let near: Int64 = 20
    /// Minutes after which the lowest level, if it is not needed till then, looks as far ahead again.
    private static let lookAgain: Int64 = 60

    /// Whether it is the pool's lowest.
    private let isLowest: Bool
    private(set) var plan = KeepPlan()
    private var planned = false
    private var plannedAt: Int64 = 0
    /// When the plan for the gap under way was first made, and what was foretold of the rest of its minute then.
    private var foretold: (at: Int64, chance: Double)?
    /// Since when the level has been kept warm.
    private var warmSince: Int64
    private var gaps: GapRecord
    private var rhythm: RhythmModel
    private var bits = NeedBits()
    private var period = NeedBits.Period()
    private var counts = MinuteCounts()
    private var regime = Regime()
    private var begins = FirstNeeds.Counts()
    private var again = SameMinute()
    /// When the last need ended and with what count, while it is open whether the next comes within that minute.
    private var ended: (at: Int64, context: Int)?
    /// Requests that would wait if the level were missing when it is needed.
    private(set) var waiting = 1.0
    private var waitingSeen = 0.0
    /// As they stood when the minute under way began: what is foretold of it must not know what came in it.
    private var gapsBefore: GapRecord

    init(now: Int64, isLowest: Bool, rhythm: RhythmModel = RhythmModel()) {
        self.isLowest = isLowest
        self.rhythm = rhythm
        gaps = GapRecord(lastNeeded: now)
        gapsBefore = gaps
        warmSince = now
        bits.markLatest()
    }

    /// When it was last needed.
    var lastNeeded: Int64 { gaps.lastNeeded }

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
        if gaps.end(at: now, leastKeep: leastKeep) { begins.add(at: now) }
        bits.markLatest()
    }

    /// The level is no longer needed.
    mutating func end(at now: Int64) {
        ended = (now, counts.context(at: now))
        gaps.lastNeeded = now
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
        regime.pass(minutes: minutes, needed: bits.bit(0) == 1)
        if bits.bit(0) == 1 { period = bits.period }
        bits = bits.aged(by: minutes)
        counts.close(minutes: minutes)
        if neededNow {
            bits.markLatest()
            gaps.lastNeeded = now
        }
        gapsBefore = gaps
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
        let gaps = before ? gapsBefore : gaps
        let ahead = Int(minute - current)
        features.look(
            RhythmModel.Past(
                needs: ahead == 0 ? bits.withoutLatest : bits.aged(by: ahead - 1),
                sinceNeed: gaps.minutes(until: minute),
                gaps: gaps.previous,
                longGaps: gaps.long,
                requests: counts.before(minuteAhead: ahead),
                regime: regime.level(after: ahead),
                period: period
            )
        )
        let since = Double(minute * Self.minute - gaps.lastNeeded) * 1e-9
        let byGaps = byGaps ?? gaps.histogram.chance(from: since, to: since + 60)
        let chance = rhythm.chance(&features, byGaps: byGaps)
        return before ? chance : believed(chance)
    }

    /// A chance of a level above the lowest counts for less until it has come back a few times: a crowd that came once is
    /// no rhythm, and all the levels that it needed would await it together.
    private func believed(_ chance: Double) -> Double {
        if isLowest || gaps.pauses >= AdaptiveConstants.pausesOfRhythm { return chance }
        return chance / (chance + (1 - chance) * AdaptiveConstants.doubt)
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
            let byGaps = gaps.histogram.chance(from: since, to: Double(minuteEnd - lastNeeded) * 1e-9)
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

    /// Makes the plan for the gap under way, if it is not made yet.
    mutating func makePlan(
        now: Int64,
        missCost: Double,
        startCost: Double,
        lead: Int64,
        longest: Int64?,
        features: inout RhythmModel.Features
    ) {
        var isWarm = true
        if planned {
            let step = plan.step(at: now)
            // A start foreseen from afar was planned to the minute only.
            let begins = step?.warm == true && now - plannedAt > Self.near * Self.minute
            guard begins || plan.openFrom.map({ now >= $0 }) ?? false else { return }
            isWarm = step?.warm == true && !begins
            if begins, let step { warmSince = step.at }
        }
        planned = true
        plannedAt = now
        let current = now / Self.minute
        let minuteEnd = (current + 1) * Self.minute
        let firsts = begins.firstNeeds(counts.forecast)
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
        let distribution = gaps.histogram.cumulative()
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
            isWarm: isWarm,
            warmSince: warmSince,
            longest: longest,
            openFrom: isLowest ? (current + Self.lookAgain) * Self.minute : nil
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
        bytes.append(number: waiting)
        bytes.append(UInt8(waitingSeen))
        gaps.encode(into: &bytes)
        regime.encode(into: &bytes)
        begins.encode(into: &bytes)
        bits.encode(into: &bytes)
        counts.encode(into: &bytes)
        again.encode(into: &bytes)
        rhythm.encode(into: &bytes)
    }

    /// Reads what ``encode(into:)`` wrote, moving its times by `shift`.
    init?(from reader: inout ByteReader, isLowest: Bool, shift: Int64, now: Int64) {
        guard let waiting = reader.number(), waiting > 0,
            let seen = reader.integer(UInt8.self), Double(seen) <= AdaptiveConstants.waitingMemory,
            let gaps = GapRecord(from: &reader, shift: shift, now: now),
            let regime = Regime(from: &reader),
            let begins = FirstNeeds.Counts(from: &reader),
            let bits = NeedBits(from: &reader),
            let counts = MinuteCounts(from: &reader),
            let again = SameMinute(from: &reader),
            let rhythm = RhythmModel(from: &reader)
        else { return nil }
        self.init(now: gaps.lastNeeded, isLowest: isLowest, rhythm: rhythm)
        self.waiting = waiting
        waitingSeen = Double(seen)
        self.gaps = gaps
        gapsBefore = gaps
        self.regime = regime
        self.begins = begins
        self.bits = bits
        period = bits.period
        self.counts = counts
        self.again = again
    }
}
