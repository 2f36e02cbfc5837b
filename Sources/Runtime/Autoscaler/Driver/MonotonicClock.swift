import Dispatch
package import Time

extension Instant {
    /// The system's monotonic clock.
    package static var current: Instant { Instant(nanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds)) }
}
