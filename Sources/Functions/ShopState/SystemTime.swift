internal import Glibc
package import ShopRules

/// The clock of this machine.
package enum SystemTime {
    /// The time now.
    package static let now: @Sendable () -> UTCTime = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime(milliseconds: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }
}
