package import Time

/// How long to wait before the next start of a worker, from what became of the last ones.
package struct Backoff: Hashable, Sendable {
    private var failedStarts = 0
    private var deaths = 0.0
    private var lastDeath = Instant.origin

    package init() {}

    /// A worker became ready.
    package mutating func started() {
        failedStarts = 0
    }

    /// A worker ended before it was ready: 50 ms, doubling up to 10 s.
    package mutating func failedToStart() -> Duration {
        failedStarts += 1
        return min(.milliseconds(50 << min(failedStarts - 1, 10)), .seconds(10))
    }

    /// A ready worker died.
    ///
    /// The first deaths within about ten seconds are replaced at once; more wait up to a second.
    package mutating func died(now: Instant) -> Duration {
        let halvings = Int((now - lastDeath) / .seconds(10))
        for _ in 0..<min(halvings, 16) { deaths /= 2 }
        if halvings > 0 || deaths == 0 { lastDeath = now }
        deaths += 1
        guard deaths >= 4 else { return .zero }
        return min(.milliseconds(10 << min(Int(deaths) - 4, 10)), .seconds(1))
    }
}
