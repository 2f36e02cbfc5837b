/// How long to wait before the next attempt to connect: longer with each failure, and never the same for all, so that
/// many peers of a gateway that comes back do not come at one moment.
package struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var failures = 0

    package init(first: Duration = .milliseconds(50), longest: Duration = .seconds(5)) {
        self.first = first
        self.longest = longest
    }

    /// Notes that it went well.
    package mutating func reset() {
        failures = 0
    }

    /// The wait after one more failure: from half of the doubled wait to all of it, as `random` in 0..<1 says.
    package mutating func next(random: Double) -> Duration {
        let wait = min(first * (1 << min(failures, 20)), longest)
        failures += 1
        return wait * (0.5 + 0.5 * random)
    }
}
