package import Time

/// What became of one function's requests under one policy, and what it cost.
package struct PoolOutcome: Sendable {
    package var requests = 0
    /// Requests that waited at least 100 ms for a slot.
    package var cold = 0
    /// Requests given up after waiting 60 s.
    package var failed = 0
    package var waits = DurationQuantiles()
    /// Worker-seconds from being asked for to being gone, start-up included.
    package var workerSeconds = 0.0
    /// Worker-seconds in which a ready worker ran nothing.
    package var idleWorkerSeconds = 0.0
    /// Workers started.
    package var starts = 0
    /// Workers and load minute by minute, where that was asked for.
    package var timeline: Timeline?

    package init() {}

    package mutating func add(_ other: PoolOutcome) {
        requests += other.requests
        cold += other.cold
        failed += other.failed
        waits.add(other.waits)
        workerSeconds += other.workerSeconds
        idleWorkerSeconds += other.idleWorkerSeconds
        starts += other.starts
    }
}

/// Workers and load of one pool, averaged over each minute.
package struct Timeline: Sendable {
    /// Workers that were paid for.
    package private(set) var workers: [Double]
    /// Requests running or waiting.
    package private(set) var inFlight: [Double]

    init(minutes: Int) {
        workers = Array(repeating: 0, count: minutes)
        inFlight = Array(repeating: 0, count: minutes)
    }

    mutating func add(from: Int64, to: Int64, workers alive: Int, inFlight count: Int) {
        var at = from
        while at < to {
            let minute = Int(at / Workload.minute)
            guard minute < workers.count else { return }
            let end = Swift.min(to, Int64(minute + 1) * Workload.minute)
            let share = Double(end - at) / Double(Workload.minute)
            workers[minute] += Double(alive) * share
            inFlight[minute] += Double(count) * share
            at = end
        }
    }
}
