/// Sees to it that under no policy a pool keeps workers for longer than its limits' `idle` after it was last in use.
///
/// Workers that a policy adds while nothing is in flight, because it expects some, have that time from then on.
struct IdleBound: Sendable {
    private var asked = 0
    private var raisedAt: Int64 = .min

    /// Cuts an answer off where the time is over, and has the policy asked again when it will be.
    mutating func apply(to answer: inout PolicyAnswer, _ question: PolicyQuestion, busyUntil: Int64) {
        if answer.wanted > Swift.max(asked, question.wanted) { raisedAt = question.now }
        asked = answer.wanted
        guard let idle = question.idle else { return }
        guard question.view.inFlight == 0 else {
            // The moment at which the last invocation ends must not pass unnoticed.
            answer.quiet = Swift.max(1, answer.quiet.lowerBound)...answer.quiet.upperBound
            return
        }
        guard answer.wanted > question.min else { return }
        let end = Swift.max(busyUntil, raisedAt).addingReportingOverflow(idle)
        if end.overflow { return }
        if end.partialValue <= question.now {
            answer.wanted = question.min
            answer.reason = .idle(level: question.min + 1, after: .nanoseconds(idle))
        } else {
            answer.nextCheck = Swift.min(answer.nextCheck ?? .max, end.partialValue)
        }
    }
}
