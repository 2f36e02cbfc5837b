import Randomness

/// xoshiro256++ (Blackman and Vigna, 2019), seeded through SplitMix64: the same seed gives the same run everywhere.
struct RandomSource: Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    init(seed: UInt64) {
        var seeds = SeededRandom(seed: seed)
        a = seeds.next()
        b = seeds.next()
        c = seeds.next()
        d = seeds.next()
    }

    mutating func next() -> UInt64 {
        let sum = a &+ d
        let result = ((sum << 23) | (sum >> 41)) &+ a
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << 45) | (d >> 19)
        return result
    }

    /// A number in 0..<1 with 53 random bits.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number in 0<..1, fit for a logarithm.
    mutating func positiveUnit() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }
}
