/// Why a decision is as it is, with the figures it rests on.
package enum ScaleReason: Hashable, Sendable {
    /// The pool has just begun with its minimum.
    case began(min: Int)
    /// What is in flight needs this many workers, `headroom` of them as a margin.
    case demand(inFlight: Int, concurrency: Int, headroom: Int)
    /// Level `level` was not needed for the time a worker is kept.
    case idle(level: Int, after: Duration)
    /// Level `level` has been idle, and is too unlikely to be needed soon to be worth keeping.
    case unlikely(level: Int, idle: Duration, chance: Double, within: Duration)
    /// Level `level` is likely needed soon, so it is there beforehand.
    case expected(level: Int, chance: Double, within: Duration)
    /// Nothing calls for a change.
    case steady(inFlight: Int)
    /// The mean of a metric over a window, against its target per worker.
    case average(ScaleMetric, value: Double, window: Duration, target: Double, panic: Bool)
    /// A sample of what is in flight, against its target per worker.
    case sample(inFlight: Int, target: Double)
    /// Demand asks for `asked` workers, the limits allow `limit`.
    case capped(asked: Int, limit: Int)
    /// The limits keep this many workers warm.
    case minimum(Int)
    /// A window of the schedule keeps this many workers warm.
    case scheduled(min: Int)

    /// A short stable name, for metrics and machines.
    package var label: String {
        switch self {
        case .began: "began"
        case .demand: "demand"
        case .idle: "idle"
        case .unlikely: "unlikely"
        case .expected: "expected"
        case .steady: "steady"
        case .average(_, _, _, _, let panic): panic ? "panic" : "average"
        case .sample: "sample"
        case .capped: "capped"
        case .minimum: "minimum"
        case .scheduled: "scheduled"
        }
    }
}

/// What an average counts.
package enum ScaleMetric: Hashable, Sendable {
    /// Invocations in flight.
    case concurrency
    /// Invocations arriving a second.
    case rate

    var words: String { self == .concurrency ? "in flight" : "arrivals/s" }
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
        case .unlikely(let level, let idle, let chance, let within):
            "worker \(level) idle for \(readable(idle)), needed within \(readable(within)) "
                + "with a chance of \(percent(chance)): not worth keeping"
        case .expected(let level, let chance, let within):
            "worker \(level) is likely needed within \(readable(within)) (\(percent(chance))): started beforehand"
        case .steady(let inFlight):
            "\(invocations(inFlight)) in flight, nothing to change"
        case .average(let metric, let value, let window, let target, let panic):
            "\(rounded(value)) \(metric.words) on average over \(readable(window)), target \(rounded(target)) a worker"
                + (panic ? " (panic: a burst)" : "")
        case .sample(let inFlight, let target):
            "\(invocations(inFlight)) in flight when sampled, target \(rounded(target)) a worker"
        case .capped(let asked, let limit):
            "\(workers(asked)) would be right, but max is \(limit)"
        case .minimum(let min):
            "min keeps \(workers(min)) warm"
        case .scheduled(let min):
            "the schedule keeps \(workers(min)) warm"
        }
    }
}

/// A number with at most two decimals.
func rounded(_ value: Double) -> String {
    let hundredths = (value * 100).rounded()
    guard hundredths.magnitude < 1e15 else { return "\(value)" }
    let whole = Int64(hundredths)
    let sign = whole < 0 ? "-" : ""
    let (units, rest) = whole.magnitude.quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(sign)\(units)" }
    return rest % 10 == 0 ? "\(sign)\(units).\(rest / 10)" : "\(sign)\(units).\(rest < 10 ? "0" : "")\(rest)"
}

private func percent(_ fraction: Double) -> String {
    fraction > 0 && fraction < 0.01 ? "under 1 %" : "\(Int((fraction * 100).rounded())) %"
}

private func workers(_ count: Int) -> String { count == 1 ? "1 worker" : "\(count) workers" }

private func invocations(_ count: Int) -> String { count == 1 ? "1 invocation" : "\(count) invocations" }
