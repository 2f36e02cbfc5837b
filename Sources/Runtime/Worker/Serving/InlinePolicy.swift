/// Whether the reader runs handlers itself, from how long they kept it before.
///
/// A handler is measured until it first waits. Short ones are run by the reader, one after another; longer ones
/// are given to the thread pool, where they run side by side.
struct InlinePolicy {
    /// The most that what was received together may keep the reader, in nanoseconds.
    private static let budget: Int64 = 100_000
    /// While handlers are too long, one of so many is tried again.
    private static let retryEvery = 256

    /// A moving average in nanoseconds; it starts hopeful.
    private var average: Int64 = 0
    private var refusals = 0

    /// Whether the reader should run so many invocations.
    mutating func allows(_ count: Int) -> Bool {
        if average * Int64(count) <= Self.budget { return true }
        refusals += 1
        guard refusals >= Self.retryEvery, count == 1 else { return false }
        refusals = 0
        return true
    }

    /// Notes how long a handler kept the reader.
    mutating func record(_ nanoseconds: Int64) {
        // One slow run is forgotten after some dozens of short ones, however slow it was.
        average += (min(nanoseconds, 10_000_000) - average) / 8
    }
}
