package import Time

/// Decides when a pool's numbers are told to scalers: on change, but seldom enough that a busy pool does not drown them.
package struct DemandPacer: Sendable {
    /// What a change asks for.
    package enum Push: Hashable, Sendable {
        /// Tell the numbers now.
        case now
        /// Call ``fired(_:now:)`` then.
        case at(Instant)
        /// Nothing is new, or a call of ``fired(_:now:)`` is due already.
        case nothing
    }

    /// The least time between two tellings, other than of requests that begin to wait.
    package let interval: Duration
    private var told: PoolCounts?
    private var toldAt = Instant.origin
    private var isArmed = false

    package init(interval: Duration = .milliseconds(100)) {
        self.interval = interval
    }

    /// The pool's numbers may have changed.
    ///
    /// Requests that begin to wait are told at once: a worker may be missing.
    package mutating func changed(_ counts: PoolCounts, now: Instant) -> Push {
        if counts == told { return .nothing }
        let beginsToWait = counts.queued > 0 && (told?.queued ?? 0) == 0
        if beginsToWait || told == nil || now - toldAt >= interval {
            tell(counts, now: now)
            return .now
        }
        if isArmed { return .nothing }
        isArmed = true
        return .at(toldAt + interval)
    }

    /// The time that ``changed(_:now:)`` asked for has come.
    package mutating func fired(_ counts: PoolCounts, now: Instant) -> Push {
        isArmed = false
        return changed(counts, now: now)
    }

    /// The numbers are told now, whether or not they changed.
    package mutating func tell(_ counts: PoolCounts, now: Instant) {
        told = counts
        toldAt = now
    }
}
