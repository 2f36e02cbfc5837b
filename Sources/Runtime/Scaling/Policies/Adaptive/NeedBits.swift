/// In which of the last 128 minutes a level was needed; bit 0 is the latest.
struct NeedBits: Sendable {
    /// Minutes remembered.
    static let remembered = 128

    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// 1 if it was needed `age` minutes ago, else 0; 0 beyond what is remembered.
    @inline(__always)
    func bit(_ age: Int) -> Int {
        if age < 0 { return 0 }
        if age < 64 { return Int((low >> UInt64(age)) & 1) }
        return age < 128 ? Int((high >> UInt64(age - 64)) & 1) : 0
    }

    /// How many of the latest 64 minutes.
    var recent: Int { low.nonzeroBitCount }

    /// The latest six minutes as a number, the latest its highest bit.
    var lastSix: Int {
        var number = 0
        for age in 0..<6 { number = number << 1 | bit(age) }
        return number
    }

    /// Needed `lag` minutes ago (4), twice that ago (2), a minute beside the first (1), added up.
    @inline(__always)
    func around(_ lag: Int) -> Int {
        let beside = lag == 1 ? bit(2) : bit(lag - 2) | bit(lag)
        return bit(lag - 1) * 4 + bit(2 * lag - 1) * 2 + beside
    }

    /// A period in minutes, 0 where there is none, and how well it fits, from 0 to 7.
    struct Period: Hashable, Sendable {
        var minutes = 0
        var quality = 0
    }

    /// The period after which most needs came again, where they are neither too few nor too many to tell.
    var period: Period {
        guard (2...48).contains(recent) else { return Period() }
        let density = Double(low.nonzeroBitCount + high.nonzeroBitCount) / 128
        var best = Period()
        var most = 0.0
        for lag in 2...64 {
            // The needs that are old enough for their round to be over.
            let oldLow = lag < 64 ? low >> UInt64(lag) | high << UInt64(64 - lag) : high
            let oldHigh = lag < 64 ? high >> UInt64(lag) : 0
            let again = (low & oldLow).nonzeroBitCount + (high & oldHigh).nonzeroBitCount
            guard again >= 2 else { continue }
            let share = (Double(again) + density) / Double(oldLow.nonzeroBitCount + oldHigh.nonzeroBitCount + 1)
            // A multiple of a period fits as well; the shortest is meant.
            if share > most + 0.02 {
                most = share
                best.minutes = lag
            }
        }
        guard best.minutes > 0 else { return best }
        let edges = [0.2, 0.35, 0.5, 0.65, 0.8, 0.92]
        best.quality = 1 + (edges.firstIndex { most < $0 } ?? edges.count)
        return best
    }

    mutating func markLatest() { low |= 1 }

    /// The same, with `minutes` later minutes in which it was not needed.
    func aged(by minutes: Int) -> NeedBits {
        if minutes <= 0 { return self }
        if minutes >= 128 { return NeedBits() }
        if minutes >= 64 { return NeedBits(low: 0, high: low << UInt64(minutes - 64)) }
        return NeedBits(low: low << UInt64(minutes), high: high << UInt64(minutes) | low >> UInt64(64 - minutes))
    }

    /// The same without its latest minute.
    var withoutLatest: NeedBits { NeedBits(low: low >> 1 | high << 63, high: high >> 1) }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(integer: low)
        bytes.append(integer: high)
    }

    init?(from reader: inout ByteReader) {
        guard let low = reader.integer(UInt64.self), let high = reader.integer(UInt64.self) else { return nil }
        self.init(low: low, high: high)
    }
}
