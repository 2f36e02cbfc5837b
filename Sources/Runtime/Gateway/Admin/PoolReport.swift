package import JSON

/// What a launcher knows of a pool and the gateway does not.
package struct PoolReport: Sendable {
    /// How many workers the scaler wants, why in words, and by which policy.
    package var wanted = 0
    package var reason = ""
    package var policy = ""
    /// Why workers cannot be started, if so.
    package var failure: String?
    /// Worker processes that have offered slots, where that is known better than by their connections; some are
    /// connected while they start.
    package var ready: Int?
    /// Worker processes that have not offered slots yet, and those that finish what they have.
    package var starting = 0
    package var leaving = 0
    /// From the decision to the first offered slot.
    package var starts = DurationHistogram()
    package var failedStarts: UInt64 = 0
    /// Workers that ended unasked, by reason.
    package var deaths: [String: UInt64] = [:]
    /// Changed decisions by reason.
    package var decisions: [String: UInt64] = [:]
    /// Time that worker processes were there, added up.
    package var workerSeconds = 0.0
    /// Gives the last decisions with what they rest on, and what is planned; it takes a moment, so only who asks has it.
    package var explanation: @Sendable () -> JSONValue = { .null }

    package init() {}
}
