/// Why a decision is as it is, with the figures it rests on.
package enum ScaleReason: Hashable, Sendable {
    /// The pool has just begun with its minimum.
    case began(min: Int)
    /// What is in flight needs this many workers, `headroom` of them as a margin.
    case demand(inFlight: Int, concurrency: Int, headroom: Int)
    /// Level `level` was not needed for the time a worker is kept.
    case idle(level: Int, after: Duration)
    /// Nothing calls for a change.
    case steady(inFlight: Int)
    /// Demand asks for `asked` workers, the limits allow `limit`.
    case capped(asked: Int, limit: Int)
    /// The limits keep this many workers warm.
    case minimum(Int)

    /// A short stable name, for metrics and machines.
    package var label: String {
        switch self {
        case .began: "began"
        case .demand: "demand"
        case .idle: "idle"
        case .steady: "steady"
        case .capped: "capped"
        case .minimum: "minimum"
        }
    }
}

extension ScaleReason: CustomStringConvertible {
    /// One plain sentence with the figures.
    package var description: String {
        switch self {
        case .began(let min):
            "the pool begins with its minimum of \(workers(min))"
        case .demand(let inFlight, let concurrency, let headroom):
            headroom > 0
                ? "\(invocations(inFlight)) in flight at \(concurrency) a worker, with a margin of \(workers(headroom))"
                : "\(invocations(inFlight)) in flight at \(concurrency) a worker"
        case .idle(let level, let after):
            "worker \(level) was not needed for \(readable(after))"
        case .steady(let inFlight):
            "\(invocations(inFlight)) in flight, nothing to change"
        case .capped(let asked, let limit):
            "\(workers(asked)) would be right, but max is \(limit)"
        case .minimum(let min):
            "min keeps \(workers(min)) warm"
        }
    }
}

private func workers(_ count: Int) -> String { count == 1 ? "1 worker" : "\(count) workers" }

private func invocations(_ count: Int) -> String { count == 1 ? "1 invocation" : "\(count) invocations" }
