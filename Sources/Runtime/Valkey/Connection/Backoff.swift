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
