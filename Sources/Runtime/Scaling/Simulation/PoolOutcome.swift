/// What became of one function's requests under one policy, and what it cost.
package struct PoolOutcome: Sendable {
    package var requests = 0
    /// Requests that waited at least 100 ms for a slot.
    package var cold = 0
    /// Requests given up after waiting 60 s.
    package var failed = 0
    package var waits = WaitHistogram()
    /// Worker-seconds from being asked for to being gone, start-up included.
    package var workerSeconds = 0.0
    /// Worker-seconds in which a ready worker ran nothing.
    package var idleWorkerSeconds = 0.0
    /// Workers started.
    package var starts = 0

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
