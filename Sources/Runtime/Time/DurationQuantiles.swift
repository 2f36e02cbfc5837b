/// Durations counted in bins a sixteenth of a power of two wide, so that a quantile is right within 3 %.
package struct DurationQuantiles: Sendable {
    private var bins = [Int](repeating: 0, count: 1024)
    package private(set) var count = 0
    /// All of them together, in nanoseconds.
    package private(set) var sum = 0.0

    package init() {}

    /// Counts a duration in nanoseconds; a negative one is none.
    package mutating func record(_ nanoseconds: Int64) {
        count += 1
        if nanoseconds <= 0 {
            bins[0] += 1
            return
        }
        sum += Double(nanoseconds)
        bins[Self.bin(nanoseconds)] += 1
    }

    /// Counts all that another has counted.
    package mutating func add(_ other: DurationQuantiles) {
        for index in bins.indices { bins[index] += other.bins[index] }
        count += other.count
        sum += other.sum
    }

    /// The mean in nanoseconds.
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The least duration that a fraction of all do not exceed, in nanoseconds (the middle of its bin).
    package func quantile(_ fraction: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = Swift.max(1, Int((fraction * Double(count)).rounded(.up)))
        var seen = 0
        for index in bins.indices {
            seen += bins[index]
            if seen >= rank { return Self.middle(index) }
        }
        return 0
    }

    // Bin 0 is no time at all; below 16 ns each nanosecond has its own; above, four bits after the leading one.
    private static func bin(_ value: Int64) -> Int {
        if value < 16 { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 3) * 16 + Int((value >> (exponent - 4)) & 15)
    }

    private static func middle(_ bin: Int) -> Double {
        if bin < 16 { return Double(bin) }
        let exponent = bin / 16 + 3
        let width = Double(Int64(1) << (exponent - 4))
        return Double(16 + bin % 16) * width + width / 2
    }
}
