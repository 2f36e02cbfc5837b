import Time

/// How long to wait before the next attempt to connect.
package struct Backoff: Hashable, Sendable {
    /// The wait after the first failure; it doubles with each further one.
    package var first: Duration
    /// The longest wait.
    package var longest: Duration

    package init(first: Duration = .milliseconds(10), longest: Duration = .milliseconds(500)) {
        self.first = first
        self.longest = longest
    }

    /// The wait after a number of failures in a row: between half and all of the doubled wait, so that many clients
    /// of a server that comes back do not all come at the same moment.
    package func delay(failures: Int, random: UInt64) -> Duration {
        let doubled = first * (1 << Swift.min(max(failures - 1, 0), 20))
        let nanoseconds = Swift.min(doubled, longest).wholeNanoseconds
        guard nanoseconds > 1 else { return .nanoseconds(nanoseconds) }
        let half = nanoseconds / 2
        return .nanoseconds(half + Int64(random % UInt64(nanoseconds - half + 1)))
    }
}

/// Random numbers that follow from a seed, so that the machines that use them stay pure.
package struct SeededRandom: Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// The next number (SplitMix64).
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
