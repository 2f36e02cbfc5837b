/// What the adaptive policy knows of one worker level: when it was needed, and what that foretells.
///
/// All times are nanoseconds on the policy's clock, whose minutes are the wall clock's where that is known.
struct AdaptiveLevel: Sendable {
    static let minute: Int64 = 60_000_000_000
    /// Parts of a minute told apart.
    private static let parts = 12
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
    private var gaps = GapHistogram()
    private var rhythm = RhythmModel()
    private var bits = NeedBits()
    /// Minutes of the last gap that was longer than a moment.
    private var previousGap = 64
    /// In which part of the minute needs begin after a pause.
    private var begins = [Double](repeating: 3, count: parts)
    private var beginsSeen = 0
    private var again = SameMinute()
    /// When the last need ended, while it is open whether the next comes within that minute.
    private var endedAt: Int64?
    /// Requests that would wait if the level were missing when it is needed.
    private(set) var waiting = 1.0
    private var waitingSeen = 0.0
    // As they stood when the minute under way began.
    private var lastNeededBefore: Int64
    private var previousGapBefore = 64

    init(now: Int64) {
        lastNeeded = now
        lastNeededBefore = now
        bits.markLatest()
    }

    /// A level needed for the first time takes its lower neighbour's experience.
    init(now: Int64, like below: AdaptiveLevel) {
        self = below
        lastNeeded = now
        lastNeededBefore = now
        planned = false
        waiting = 1
        waitingSeen = 0
        endedAt = nil
        bits = NeedBits()
        bits.markLatest()
    }

    /// The level is needed again.
    mutating func begin(at now: Int64, leastKeep: Int64) {
        let gap = now - lastNeeded
        if let ended = endedAt {
            endedAt = nil
            // Shorter gaps are bridged anyway.
            if gap >= leastKeep { again.learn(ended: ended, next: now) }
        }
        if gap >= leastKeep { gaps.add(Double(gap) * 1e-9) }
        if Double(gap) * 1e-9 >= AdaptiveConstants.rhythmGap {
            previousGap = Int((gap + Self.minute / 2) / Self.minute)
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
        endedAt = now
        lastNeeded = now
        planned = false
    }

    /// Takes in how many requests would have waited without it.
    mutating func measured(waiting count: Double) {
        waitingSeen = Swift.min(waitingSeen + 1, AdaptiveConstants.waitingMemory)
        waiting += (Swift.max(count, 0.05) - waiting) / (waitingSeen + 1)
    }

    /// The minute `minute` is over; `neededAtBegin` and `neededNow` tell whether a need reached in from before and goes on.
    mutating func close(minute: Int64, neededAtBegin: Bool, neededNow: Bool, features: inout RhythmModel.Features) {
        if !neededAtBegin {
            let begin = minute * Self.minute
            features.look(
                past: bits.withoutLatest,
                sinceNeed: Int(minute - lastNeededBefore / Self.minute),
                previousGap: previousGapBefore
            )
            let since = Double(begin - lastNeededBefore) * 1e-9
            let byGaps = gaps.cumulative().chance(from: since, to: since + 60)
            let predicted = rhythm.chance(&features, byGaps: byGaps)
            rhythm.learn(features, predicted: predicted, needed: bits.bit(0) == 1)
        }
        age(by: 1, neededNow: neededNow, until: (minute + 1) * Self.minute)
    }

    /// Minutes pass without learning from them.
    mutating func age(by minutes: Int, neededNow: Bool, until now: Int64) {
        bits = bits.aged(by: minutes)
        if neededNow {
            bits.markLatest()
            lastNeeded = now
        }
        lastNeededBefore = lastNeeded
        previousGapBefore = previousGap
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
            // A start foreseen from afar was planned to the minute only.
            guard let step = plan.step(at: now), step.warm, now - plannedAt > Self.near * Self.minute else { return }
        }
        planned = true
        plannedAt = now
        var edges = [now]
        var chances: [Double] = []
        edges.reserveCapacity(320)
        chances.reserveCapacity(320)
        let distribution = gaps.cumulative()
        // Asked bin after bin, so each bin's end is the next one's begin.
        var below = distribution.below(Double(now - lastNeeded) * 1e-9)
        func byGaps(until to: Int64) -> Double {
            let before = below
            below = distribution.below(Double(to - lastNeeded) * 1e-9)
            return GapHistogram.Cumulative.chance(before: before, after: below)
        }
        // What remains of this minute: the rhythm's minutes are too coarse for it.
        let current = now / Self.minute
        let minuteEnd = (current + 1) * Self.minute
        let left = again.chance(now: now, lastNeeded: lastNeeded, byGaps: byGaps(until: minuteEnd))
        var at = now
        var none = 1.0
        while at < minuteEnd {
            let to = (at / Self.part + 1) * Self.part
            let mass = left * Double(to - at) / Double(minuteEnd - now)
            chances.append(Swift.min(Swift.max(mass / none, 0.00001), 0.9995))
            none -= mass
            edges.append(to)
            at = to
        }
        let allBegins = begins.reduce(0, +)
        for minute in (current + 1)...(current + Self.horizon) {
            let begin = minute * Self.minute
            features.look(
                past: bits.aged(by: Int(minute - current - 1)),
                sinceNeed: Int(minute - lastNeeded / Self.minute),
                previousGap: previousGap
            )
            let chance = rhythm.chance(&features, byGaps: byGaps(until: begin + Self.minute))
            if minute > current + Self.near {
                chances.append(chance)
                edges.append(begin + Self.minute)
                continue
            }
            var rest = 1.0
            for part in 0..<Self.parts {
                let mass = chance * begins[part] / allBegins
                chances.append(mass / rest)
                rest -= mass
                edges.append(begin + Int64(part + 1) * Self.part)
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
            warmSince: lastNeeded,
            longest: longest
        )
    }
}

extension AdaptiveLevel {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(integer: lastNeeded)
        bytes.append(integer: Int32(clamping: previousGap))
        bytes.append(integer: Float(waiting).bitPattern)
        bytes.append(UInt8(waitingSeen))
        for value in begins { bytes.append(UInt8(Swift.min(255, value.rounded()))) }
        bits.encode(into: &bytes)
        again.encode(into: &bytes)
        gaps.encode(into: &bytes)
        rhythm.encode(into: &bytes)
    }

    /// Reads what ``encode(into:)`` wrote, moving its times by `shift`.
    init?(from reader: inout ByteReader, shift: Int64, now: Int64) {
        guard let last = reader.integer(Int64.self), let previous = reader.integer(Int32.self), previous >= 0,
            let pattern = reader.integer(UInt32.self), let seen = reader.integer(UInt8.self),
            let begins = reader.take(Self.parts),
            let bits = NeedBits(from: &reader),
            let again = SameMinute(from: &reader),
            let gaps = GapHistogram(from: &reader),
            let rhythm = RhythmModel(from: &reader)
        else { return nil }
        let waiting = Double(Float(bitPattern: pattern))
        guard waiting.isFinite, waiting > 0, Double(seen) <= AdaptiveConstants.waitingMemory else { return nil }
        let (moved, overflow) = last.addingReportingOverflow(shift)
        guard !overflow, moved >= 0 else { return nil }
        self.init(now: Swift.min(moved, now))
        self.waiting = waiting
        self.bits = bits
        self.again = again
        self.gaps = gaps
        self.rhythm = rhythm
        self.begins = begins.map { Swift.max(1, Double($0)) }
        previousGap = Int(previous)
        previousGapBefore = previousGap
        waitingSeen = Double(seen)
    }
}
