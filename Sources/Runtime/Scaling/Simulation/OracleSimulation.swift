import Time

/// The clairvoyant lower bound: every worker is there exactly when it is needed, so nobody ever waits.
///
/// Level k is needed while more than (k - 1) × concurrency requests run. Between two needs it is kept where the gap is
/// shorter than a start, else it goes and is started again just in time: a gap costs min(gap, start) worker-seconds.
struct OracleSimulation {
    private let parameters: SimulationParameters
    private let measureFrom: Int64
    private let measureTo: Int64

    init(minutes: Int, parameters: SimulationParameters) {
        self.parameters = parameters
        let measured = parameters.measured ?? 0..<minutes
        measureFrom = Int64(measured.lowerBound) * Workload.minute
        measureTo = Int64(Swift.min(minutes, measured.upperBound)) * Workload.minute
    }

    func run(_ workload: Workload) -> PoolOutcome {
        var workload = workload
        var outcome = PoolOutcome()
        var running = CompletionHeap()
        var count = 0
        /// When each level was last needed, -1 where never.
        var lastNeeded: [Int64] = []
        var neededSince: [Int64] = []
        let start = parameters.start.wholeNanoseconds

        func cost(_ from: Int64, _ to: Int64) -> Double {
            let from = Swift.max(from, measureFrom)
            let to = Swift.min(to, measureTo)
            return to > from ? Double(to - from) * 1e-9 : 0
        }

        var request = workload.next()
        while request != nil || !running.isEmpty {
            if let arrived = request, arrived.arrival < running.first {
                let now = arrived.arrival
                count += 1
                running.insert(end: now + arrived.duration, worker: 0)
                let level = (count - 1) / parameters.concurrency
                if count == level * parameters.concurrency + 1 {
                    if level == lastNeeded.count {
                        lastNeeded.append(-1)
                        neededSince.append(now)
                        outcome.workerSeconds += cost(Swift.max(0, now - start), now)
                        outcome.starts += 1
                    } else {
                        let gap = now - lastNeeded[level]
                        neededSince[level] = now
                        outcome.workerSeconds += cost(now - Swift.min(gap, start), now)
                        if gap > start, now >= measureFrom, now < measureTo { outcome.starts += 1 }
                        if gap <= start { outcome.idleWorkerSeconds += cost(lastNeeded[level], now) }
                    }
                }
                if now >= measureFrom, now < measureTo {
                    outcome.requests += 1
                    outcome.waits.record(0)
                }
                request = workload.next()
            } else {
                let now = running.first
                _ = running.removeFirst()
                let level = (count - 1) / parameters.concurrency
                if count == level * parameters.concurrency + 1 {
                    outcome.workerSeconds += cost(neededSince[level], now)
                    lastNeeded[level] = now
                }
                count -= 1
            }
        }
        return outcome
    }
}
