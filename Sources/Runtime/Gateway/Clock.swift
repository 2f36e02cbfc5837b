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

extension NIODeadline {
    /// The same moment for an event loop.
    package init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(max(instant.nanoseconds, 0)))
    }
}
