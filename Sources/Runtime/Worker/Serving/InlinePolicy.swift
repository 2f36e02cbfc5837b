/// Whether the reader runs handlers itself, from how long they kept it before.
///
/// A handler is measured until it waits, and from there until it waits again. Short parts are run by the reader, one
/// after another; longer ones are given to the thread pool, where they run side by side.
struct InlinePolicy {
    /// The most that what runs together may keep the reader, in nanoseconds.
    private static let budget: Int64 = 1_000_000
    /// Longer is as bad as this: one part that lost its core to another process is no reason to give the others away.
    private static let long: Int64 = 500_000
    /// While handlers are too long, one of so many is tried again; one of fewer, when that was short.
    private static let retryAfterLong = 256
    private static let retryAfterShort = 8

    /// A moving average in nanoseconds; it starts hopeful.
    private var average: Int64 = 0
    private var refusals = 0
    private var retryEvery = Self.retryAfterLong

    /// Whether the reader should run the next of so many parts of handlers.
    mutating func allows(_ count: Int) -> Bool {
        if average <= Self.long / 2, average * Int64(count) <= Self.budget { return true }
        refusals += 1
        guard refusals >= retryEvery else { return false }
        refusals = 0
        return true
    }

    /// Notes how long a part kept the reader.
    mutating func record(_ nanoseconds: Int64) {
        average += (min(nanoseconds, Self.long) - average) / 16
        retryEvery = nanoseconds < Self.long / 2 ? Self.retryAfterShort : Self.retryAfterLong
    }
}
