import Glibc
import NIOCore
package import Time

extension Instant {
    /// The monotonic clock's time now.
    ///
    /// Only drivers ask.
    package static var now: Instant {
        Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
    }
}

extension Duration {
    /// Time since 1970-01-01 00:00 UTC, by the clock that may be set.
    ///
    /// Only drivers ask.
    package static var sinceEpoch: Duration {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }
}

extension NIODeadline {
    /// The same moment for an event loop.
    package init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(max(instant.nanoseconds, 0)))
    }
}
