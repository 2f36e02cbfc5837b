/// Predicts whether a level will be needed in a minute, from the minutes in which it was needed before.
///
/// Several views of the past each keep, per context, how likely a need is: was it needed one, two, … sixty minutes
/// before and again that much earlier; how long ago was the last need and how long the gap before it; which of the last
/// six minutes; how many of the last hour. Their log-odds, with those of the gap histogram, are added up with weights
/// that are learned online too (logistic mixing, as in Mattoni's and Mahoney's PAQ compressors). So a function called
/// by a clock is known by its period after a few rounds, and one called at random by its rate.
struct RhythmModel: Sendable {
    /// Periods in minutes looked for.
    static let lags = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
    /// Views of the past: one for each lag, the gaps, the last six minutes, the last hour.
    static let views = lags.count + 3
    private static let lagSlots = lags.count * 8
    private static let gapBuckets = 16
    private static let previousBuckets = 8
    private static let sixBegin = lagSlots + gapBuckets * previousBuckets
    private static let hourBegin = sixBegin + 64
    /// Contexts of all views.
    static let slots = hourBegin + 64
    /// The views, the gap histogram, a bias.
    static let inputs = views + 2
    /// Weight sets, chosen by how busy the last hour was.
    static let sets = 8

    /// Observations a context's starting value counts for, and the most that ever count.
    private static let trust: UInt8 = 4
    private static let mostSeen: UInt8 = 60
    private static let rate: Float = 0.004
    private static let bias: Float = 0.3

    private var odds: [Float]
    private var seen: [UInt8]
    private var weights: [Float]

    init() {
        odds = RhythmPrior.odds.map { Float($0) / 100 }
        weights = RhythmPrior.weights.map { Float($0) / 100 }
        seen = Array(repeating: Self.trust, count: Self.slots)
    }

    /// One minute seen through all views.
    struct Features {
        fileprivate var slots = [Int](repeating: 0, count: RhythmModel.views)
        fileprivate var inputs = [Float](repeating: 0, count: RhythmModel.inputs)
        fileprivate var set = 0

        /// - Parameters:
        ///   - past: The need before the minute; its latest is the minute before.
        ///   - sinceNeed: Minutes since the last need.
        ///   - previousGap: Minutes of the gap before that need.
        mutating func look(past: NeedBits, sinceNeed: Int, previousGap: Int) {
            for (index, lag) in RhythmModel.lags.enumerated() {
                let once = past.bit(lag - 1)
                let twice = past.bit(2 * lag - 1)
                let beside = lag == 1 ? past.bit(2) : past.bit(lag - 2) | past.bit(lag)
                slots[index] = index * 8 + once * 4 + twice * 2 + beside
            }
            let gap = RhythmModel.bucket(Swift.max(0, sinceNeed))
            let previous = Swift.min(RhythmModel.previousBuckets - 1, RhythmModel.bucket(previousGap) / 2)
            slots[RhythmModel.views - 3] = RhythmModel.lagSlots + gap * RhythmModel.previousBuckets + previous
            slots[RhythmModel.views - 2] = RhythmModel.sixBegin + past.lastSix
            set = RhythmModel.busyness(past.recent)
            let coarse = gap < 4 ? gap : gap < 8 ? 4 : gap < 11 ? 5 : gap < 13 ? 6 : 7
            slots[RhythmModel.views - 1] = RhythmModel.hourBegin + set * 8 + coarse
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
        let base = features.set * Self.inputs
        var sum: Float = 0
        for view in 0..<Self.views {
            let value = odds[features.slots[view]]
            features.inputs[view] = value
            sum += value * weights[base + view]
        }
        let gaps = Float(naturalLogarithm(byGaps / (1 - byGaps)))
        features.inputs[Self.views] = gaps
        features.inputs[Self.views + 1] = Self.bias
        sum += gaps * weights[base + Self.views] + Self.bias * weights[base + Self.views + 1]
        let chance = 1 / (1 + exponential(-Double(sum)))
        return Swift.min(Swift.max(chance, 0.0005), 0.9995)
    }

    /// Takes in what came of a minute whose ``chance(_:byGaps:)`` was asked last.
    mutating func learn(_ features: Features, predicted: Double, needed: Bool) {
        let error = Float((needed ? 1 : 0) - predicted)
        let base = features.set * Self.inputs
        for input in 0..<Self.inputs { weights[base + input] += Self.rate * error * features.inputs[input] }
        for slot in features.slots {
            let before = 1 / (1 + exponential(-Double(odds[slot])))
            var after = before + ((needed ? 1 : 0) - before) / (Double(seen[slot]) + 1.5)
            after = Swift.min(Swift.max(after, 0.001), 0.999)
            odds[slot] = Float(naturalLogarithm(after / (1 - after)))
            if seen[slot] < Self.mostSeen { seen[slot] += 1 }
        }
    }
}

extension RhythmModel {
    /// Log-odds in sixteenths, counts, and weights in thirty-seconds, a byte each.
    func encode(into bytes: inout [UInt8]) {
        func byte(_ value: Float, per unit: Float) -> UInt8 {
            UInt8(bitPattern: Int8(Swift.min(Swift.max((value * unit).rounded(), -127), 127)))
        }
        for value in odds { bytes.append(byte(value, per: 16)) }
        bytes += seen
        for value in weights { bytes.append(byte(value, per: 32)) }
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        guard let odds = reader.take(Self.slots), let seen = reader.take(Self.slots),
            let weights = reader.take(Self.inputs * Self.sets)
        else { return nil }
        self.odds = odds.map { Swift.min(Swift.max(Float(Int8(bitPattern: $0)) / 16, -6.9), 6.9) }
        self.seen = seen.map { Swift.min($0, Self.mostSeen) }
        self.weights = weights.map { Float(Int8(bitPattern: $0)) / 32 }
    }
}
