import Glibc

/// The time of day.
///
/// Only drivers ask.
enum WallClock {
    /// Whole seconds since 1970-01-01 00:00 UTC.
    static var seconds: Int { time(nil) }
}
