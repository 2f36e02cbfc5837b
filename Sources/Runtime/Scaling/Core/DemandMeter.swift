import Time

/// Sums up demand exactly as it is pushed, so that a policy can take averages over any span it likes.
///
/// Nothing is sampled: a request shorter than any window still leaves its whole area in ``load``.
struct DemandMeter: Sendable {
    /// Invocations that came, since the start.
    private(set) var arrivals: Int64 = 0
    /// Invocation-nanoseconds in flight (running or queued) up to ``last``.
    private(set) var load: Int64 = 0
    /// Invocation-nanoseconds running, so without those queued, up to ``last``.
    private(set) var service: Int64 = 0
    /// In flight since ``last``.
    private(set) var inFlight = 0
    private var running = 0
    private(set) var last: Int64
    /// Until when anything was in flight, up to ``last``; the beginning where nothing ever was.
    private(set) var busyUntil: Int64

    init(now: Instant) {
        last = now.nanoseconds
        busyUntil = now.nanoseconds
    }

    /// Takes in that `count` invocations are in flight from `now` on, `queued` of them waiting for a slot.
    ///
    /// `arrived`: How many came since it was told last, where that is known; of those that ended meanwhile the count tells
    /// nothing.
    mutating func record(_ count: Int, queued: Int, arrived: Int = 0, at now: Int64) {
        let elapsed = now &- last
        if elapsed > 0 {
            load &+= Int64(truncatingIfNeeded: inFlight) &* elapsed
            service &+= Int64(truncatingIfNeeded: running) &* elapsed
            last = now
        }
        if inFlight > 0 || count > 0 { busyUntil = last }
        let came = Swift.max(count &- inFlight, arrived)
        if came > 0 { arrivals &+= Int64(truncatingIfNeeded: came) }
        inFlight = count
        running = count &- queued
    }

    /// Invocations that ended, since the start.
    var completions: Int64 { arrivals &- Int64(truncatingIfNeeded: inFlight) }

    /// Invocation-nanoseconds up to `now`.
    func load(at now: Int64) -> Int64 {
        load &+ Int64(truncatingIfNeeded: inFlight) &* Swift.max(0, now &- last)
    }
}
