import Glibc

/// A moment on the monotonic clock until which something is waited for.
struct Deadline {
    private let end: Int

    init(after duration: Duration) {
        end = Self.now + Int(duration / .microseconds(1))
    }

    var hasPassed: Bool { Self.now >= end }

    /// What is left, never negative.
    var left: Duration { .microseconds(max(0, end - Self.now)) }

    /// What is left for poll(2), rounded up.
    var milliseconds: Int32 { Int32(clamping: (max(0, end - Self.now) + 999) / 1_000) }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}
