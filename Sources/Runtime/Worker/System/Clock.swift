import Glibc

/// The monotonic clock in nanoseconds.
///
/// A process's drivers read it; everything else is told what time it is.
package enum MonotonicClock {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
