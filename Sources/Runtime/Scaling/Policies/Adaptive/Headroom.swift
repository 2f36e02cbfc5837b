/// Whether the next level is worth starting as the one below fills up.
///
/// A level that is nearly full often, or hardly ever, is followed by the next within a start's time; which of both is
/// learned. Where the chance is worth it, the next level starts before it is needed.
struct Headroom: Sendable {
    /// Times after which what was seen counts half.
    private static let memory = 40.0

    // Nothing is started on suspicion: only a hit makes the chance more than none.
    private var hits = 0.0
    private var tries = 1.0
    /// Since when the level below has been nearly full, while it is open whether the level is needed.
    private(set) var watchedUntil: Int64?
    /// Until when the level is kept in expectation.
    private(set) var warmUntil = Int64.min

    init() {}

    /// The chance that the level is needed within the span watched.
    var chance: Double { hits / tries }

    /// Begins to watch, and keeps the level warm meanwhile if that is worth it.
    mutating func watch(until: Int64, warm: Bool) {
        watchedUntil = until
        if warm { warmUntil = until }
    }

    /// The level is needed, or was not by the time it was watched for.
    mutating func settle(needed: Bool) {
        guard watchedUntil != nil else { return }
        watchedUntil = nil
        tries += 1
        if needed { hits += 1 }
        if tries > Self.memory {
            tries /= 2
            hits /= 2
        }
    }
}
