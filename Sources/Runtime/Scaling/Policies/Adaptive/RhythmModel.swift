/// Predicts whether a level will be needed in a minute, from the minutes in which it was needed before.
///
/// Several views of the past each keep, per context, how likely a need is: was it needed one, two, … sixty minutes
/// before and again that much earlier, and the same for the period that fits best; how long ago was the last need, how
/// long the two gaps before it; which of the last six minutes; how many of the last hour and of the last hours; how many
/// requests came in the last minutes. Their log-odds, with those of the gap histogram, are added up with weights that
/// are learned online too (logistic mixing, as in Mattoni's and Mahoney's PAQ compressors); a weight is the sum of two,
/// chosen by how busy the last hour was and by how long ago the last need was. So a function called by a clock is known
/// by its period after a few rounds, and one called at random by its rate.
struct RhythmModel: Sendable {
    /// Periods in minutes looked for in every pool.
    static let lags = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
    /// Where each view's contexts begin: the lags', then those of `look` in its order.
    private static let gapsBegin = lags.count * 8
    private static let sixBegin = gapsBegin + 16 * 8
    private static let hourBegin = sixBegin + 64
    private static let lastCountsBegin = hourBegin + 64
    private static let countBegin = lastCountsBegin + 64
    private static let regimeBegin = countBegin + 64
    private static let periodBegin = regimeBegin + 64
    private static let roundBegin = periodBegin + 64
    private static let longGapsBegin = roundBegin + 100
    /// Contexts of all views.
    static let slots = longGapsBegin + LongGaps.contexts
    static let views = lags.count + 9
    /// The views, the gap histogram, a bias.
    static let inputs = views + 2
    /// Weight sets of each kind.
    private static let setsOfAKind = 8
    static let allWeights = 2 * setsOfAKind * inputs

    /// The most minutes that ever count in a context, in halves.
    static let mostSeen: UInt8 = 120
    /// By which share of a minute's surprise each weight set's sum moves (normalised least mean squares).
    ///
    /// It moves less where the inputs' squares add up to no more than ``small``. So one call out of the blue does not turn
    /// the odds of all minutes like it.
    private static let rate: Float = 0.2
    private static let small: Float = 50
    private static let bias: Float = 0.3

    private var odds: [Float]
    private var chances: [Float]
    /// Minutes seen in a context, in halves.
    private var seen: [UInt8]
    private var weights: [Float]

    private static let startOdds = RhythmPrior.odds.map { Float($0) / 100 }
    private static let startChances = startOdds.map { Float(1 / (1 + exponential(-Double($0)))) }
    private static let startWeights = RhythmPrior.weights.map { Float($0) / 1000 }

    init() {
        odds = Self.startOdds
        chances = Self.startChances
        weights = Self.startWeights
        seen = RhythmPrior.trust
    }

    /// Begins with another prior than the built-in one: log-odds and minutes seen (in halves) by context, and weights.
    init(odds: [Float], seen: [UInt8], weights: [Float]) {
        self.odds = odds
        self.chances = odds.map { Float(1 / (1 + exponential(-Double($0)))) }
        self.seen = seen
        self.weights = weights
    }

    /// What a minute's chance is foretold from.
    struct Past {
        /// The minutes before; the latest is the minute just before.
        var needs: NeedBits
        /// Minutes since the last need.
        var sinceNeed: Int
        /// Minutes of the gap before that need, and of the one before.
        var gaps: (last: Int, before: Int)
        var longGaps: LongGaps
        /// Requests in the minute before, in the one before that, and in five minutes.
        var requests: (last: Int, before: Int, five: Int)
        /// How busy the level has been for hours, from 0 (unknown) to 7.
        var regime: Int
        /// The period that fits best.
        var period: NeedBits.Period
    }

    /// One minute seen through all views.
    struct Features {
        /// The context in each view.
        fileprivate(set) var slots = [Int](repeating: 0, count: RhythmModel.views)
        /// What is mixed.
        fileprivate(set) var inputs = [Float](repeating: 0, count: RhythmModel.inputs)
        /// Where both weight sets begin.
        fileprivate(set) var busySet = 0
        fileprivate(set) var sinceSet = 0
        /// Whether no minute that is remembered had a need.
        fileprivate(set) var isFar = false

        mutating func look(_ past: Past) {
            let needs = past.needs
            for (index, lag) in RhythmModel.lags.enumerated() { slots[index] = index * 8 + needs.around(lag) }
            let since = RhythmModel.bucket(Swift.max(0, past.sinceNeed))
            let coarse = since < 4 ? since : since < 8 ? 4 : since < 11 ? 5 : since < 13 ? 6 : 7
            let busy = RhythmModel.busyness(needs.recent)
            let gap = past.gaps.last
            let first = RhythmModel.lags.count
            slots[first] = RhythmModel.gapsBegin + since * 8 + Swift.min(7, RhythmModel.bucket(gap) / 2)
            slots[first + 1] = RhythmModel.sixBegin + needs.lastSix
            slots[first + 2] = RhythmModel.hourBegin + busy * 8 + coarse
            slots[first + 3] =
                RhythmModel.lastCountsBegin + RhythmModel.size(past.requests.last) * 8
                + RhythmModel.size(past.requests.before)
            slots[first + 4] = RhythmModel.countBegin + RhythmModel.size(past.requests.five) * 8 + coarse
            slots[first + 5] = RhythmModel.regimeBegin + past.regime * 8 + coarse
            slots[first + 6] =
                RhythmModel.periodBegin + past.period.quality * 8
                + (past.period.minutes > 0 ? needs.around(past.period.minutes) : 0)
            slots[first + 7] =
                RhythmModel.roundBegin + RhythmModel.compare(past.sinceNeed, gap) * 20
                + RhythmModel.compare(past.sinceNeed, past.gaps.before) * 4
                + (gap < 3 ? 0 : gap < 8 ? 1 : gap < 25 ? 2 : 3)
            slots[first + 8] = RhythmModel.longGapsBegin + past.longGaps.context(after: past.sinceNeed)
            isFar = past.sinceNeed >= NeedBits.remembered
            busySet = busy * RhythmModel.inputs
            sinceSet = (RhythmModel.setsOfAKind + coarse) * RhythmModel.inputs
        }
    }

    /// Much less, one less, the same, one more, much more.
    private static func compare(_ minutes: Int, _ other: Int) -> Int {
        Swift.min(Swift.max(minutes - other, -2), 2) + 2
    }

    /// Requests in eight classes.
    private static func size(_ requests: Int) -> Int {
        switch requests {
        case ..<3: requests
        case ..<5: 3
        case ..<9: 4
        case ..<17: 5
        case ..<33: 6
        default: 7
        }
    }

    /// Minutes in sixteen classes, finer where they are few.
    private static func bucket(_ minutes: Int) -> Int {
        switch minutes {
        case ..<8: minutes
        case ..<10: 8
        case ..<13: 9
        case ..<18: 10
        case ..<26: 11
        case ..<40: 12
        case ..<70: 13
        case ..<180: 14
        default: 15
        }
    }

    /// Needs in 64 minutes in eight classes.
    private static func busyness(_ needs: Int) -> Int {
        switch needs {
        case 0: 0
        case 1: 1
        case ..<4: 2
        case ..<8: 3
        case ..<16: 4
        case ..<32: 5
        case ..<56: 6
        default: 7
        }
    }

    /// The chance that the level is needed in the minute looked at.
    ///
    /// `byGaps`: The chance that the gap histogram gives.
    func chance(_ features: inout Features, byGaps: Double) -> Double {
        if features.isFar { return longGap(features).map { Double(chances[$0]) } ?? byGaps }
        for view in 0..<Self.views { features.inputs[view] = odds[features.slots[view]] }
        features.inputs[Self.views] = Float(naturalLogarithm(byGaps / (1 - byGaps)))
        features.inputs[Self.views + 1] = Self.bias
        var sum: Float = 0
        for input in 0..<Self.inputs {
            let weight = weights[features.busySet + input] + weights[features.sinceSet + input]
            sum += features.inputs[input] * weight
        }
        let chance = 1 / (1 + exponential(-Double(sum)))
        return Swift.min(Swift.max(chance, 0.0005), 0.9995)
    }

    /// The context of long gaps, where one that is known ends about now.
    ///
    /// When the last need is longer ago than minutes are remembered, nothing but the gaps can tell one minute from another.
    private func longGap(_ features: Features) -> Int? {
        let slot = features.slots[Self.views - 1]
        return LongGaps.isKnown(slot - Self.longGapsBegin) ? slot : nil
    }

    /// Takes in what came of a minute whose ``chance(_:byGaps:)`` was asked last.
    mutating func learn(_ features: Features, predicted: Double, needed: Bool) {
        let outcome: Float = needed ? 1 : 0
        if features.isFar {
            if let slot = longGap(features) { count(outcome, in: slot) }
            return
        }
        var squares: Float = 0
        for input in features.inputs { squares += input * input }
        let step = Self.rate * (outcome - Float(predicted)) / (Self.small + squares)
        for input in 0..<Self.inputs {
            weights[features.busySet + input] += step * features.inputs[input]
            weights[features.sinceSet + input] += step * features.inputs[input]
        }
        for slot in features.slots { count(outcome, in: slot) }
    }

    private mutating func count(_ outcome: Float, in slot: Int) {
        var chance = chances[slot]
        chance += (outcome - chance) / (Float(seen[slot]) / 2 + 1.5)
        chance = Swift.min(Swift.max(chance, 0.001), 0.999)
        chances[slot] = chance
        odds[slot] = Float(naturalLogarithm(Double(chance / (1 - chance))))
        if seen[slot] < Self.mostSeen { seen[slot] = Swift.min(Self.mostSeen, seen[slot] + 2) }
    }
}

extension RhythmModel {
    /// Log-odds in sixteenths, counts, and weights in sixty-fourths, a byte each.
    func encode(into bytes: inout [UInt8]) {
        func byte(_ value: Float, per unit: Float) -> UInt8 {
            UInt8(bitPattern: Int8(Swift.min(Swift.max((value * unit).rounded(), -127), 127)))
        }
        for value in odds { bytes.append(byte(value, per: 16)) }
        bytes += seen
        for value in weights { bytes.append(byte(value, per: 64)) }
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        guard let odds = reader.take(Self.slots), let seen = reader.take(Self.slots),
            let weights = reader.take(Self.allWeights)
        else { return nil }
        self.odds = odds.map { Swift.min(Swift.max(Float(Int8(bitPattern: $0)) / 16, -6.9), 6.9) }
        self.chances = self.odds.map { Float(1 / (1 + exponential(-Double($0)))) }
        self.seen = seen.map { Swift.min($0, Self.mostSeen) }
        self.weights = weights.map { Float(Int8(bitPattern: $0)) / 64 }
    }
}
