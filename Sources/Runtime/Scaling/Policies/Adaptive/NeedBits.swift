/// In which of the last 128 minutes a level was needed; bit 0 is the latest.
struct NeedBits: Sendable {
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
