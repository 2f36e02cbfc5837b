import Gateway
import Time
import WorkerProtocol

/// What is counted of a pool's worker processes.
struct StartMetrics: Sendable {
    /// From the decision to the first offered slot.
    private(set) var durations = DurationHistogram()
    /// Starts that failed.
    private(set) var failures: UInt64 = 0
    /// Workers that ended for another reason than being told to, by reason.
    private(set) var deaths: [String: UInt64] = [:]
    /// Changed decisions by reason.
    private(set) var decisions: [String: UInt64] = [:]

    mutating func started(after duration: Duration) {
        durations.record(duration)
    }

    mutating func failed() {
        failures += 1
    }

    mutating func died(_ cause: WorkerExit.Cause) {
        let label =
            switch cause {
            case .code: "exit"
            case .signal: "signal"
            case .memoryLimit: "memory"
            }
        deaths[label, default: 0] += 1
    }

    mutating func decided(_ reason: String) {
        decisions[reason, default: 0] += 1
    }
}
