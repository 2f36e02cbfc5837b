import Text
package import Time
package import WorkerProtocol

/// A worker process's number in its pool, never used again.
package typealias WorkerNumber = Int

/// What a supervisor's driver is to do.
package enum SupervisorAction: Hashable, Sendable {
    /// Start this worker.
    case spawn(WorkerNumber)
    /// Choose so many ready workers, idle ones first, have them leave, and report them with `retired`.
    case retire(Int)
    /// Have this worker leave.
    case drain(WorkerNumber)
    /// Kill this worker.
    case kill(WorkerNumber)
    /// No worker can be started: answer those who wait, and refuse arrivals until `retryAt`.
    case cannotStart(reason: String, retryAt: Instant)
}

/// Makes the number of a pool's worker processes what the scaler wants: a pure state machine.
package struct Supervisor: Sendable {
    private enum Phase: Sendable {
        case starting(until: Instant)
        case ready
        case leaving(until: Instant)
        case killed
    }

    /// How long a worker may take until it offers slots.
    package let startTimeout: Duration
    /// How long a leaving worker may take to finish what it has.
    package var drainTimeout: Duration

    package private(set) var wanted = 0
    private var workers: [WorkerNumber: Phase] = [:]
    private var failures: [WorkerNumber: String] = [:]
    private var next: WorkerNumber = 1
    private var backoff = Backoff()
    private var startsAgainAt: Instant?
    private var isStopping = false

    package init(startTimeout: Duration, drainTimeout: Duration) {
        self.startTimeout = startTimeout
        self.drainTimeout = drainTimeout
    }

    /// Workers that were started and have not offered slots yet.
    package var starting: Int {
        workers.values.count { if case .starting = $0 { true } else { false } }
    }

    /// Workers that offer slots.
    package var ready: Int {
        workers.values.count { if case .ready = $0 { true } else { false } }
    }

    /// Workers that finish what they have, or were killed and have not been reaped.
    package var leaving: Int {
        workers.count - starting - ready
    }

    /// Whether no process of the pool is left.
    package var isEmpty: Bool { workers.isEmpty }

    /// The scaler decided.
    package mutating func want(_ count: Int, now: Instant) -> [SupervisorAction] {
        wanted = isStopping ? 0 : count
        return adjust(now: now)
    }

    /// A worker offers its slots.
    package mutating func joined(_ worker: WorkerNumber, now: Instant) -> [SupervisorAction] {
        guard case .starting = workers[worker] else { return [] }
        workers[worker] = .ready
        backoff.started()
        return adjust(now: now)
    }

    /// Workers were told to leave.
    package mutating func retired(_ left: [WorkerNumber], now: Instant) {
        for worker in left {
            guard case .ready = workers[worker] else { continue }
            workers[worker] = .leaving(until: now + drainTimeout)
        }
    }

    /// A worker said why it cannot start; its exit follows.
    package mutating func startFailed(_ worker: WorkerNumber, reason: String) {
        guard case .starting = workers[worker] else { return }
        failures[worker] = reason
    }

    /// A worker process ended, or could not be made (`exit` is then `nil` and `startFailed` told why).
    package mutating func exited(_ worker: WorkerNumber, _ exit: WorkerExit.Cause?, now: Instant) -> [SupervisorAction]
    {
        guard let phase = workers.removeValue(forKey: worker) else { return [] }
        let told = failures.removeValue(forKey: worker)
        switch phase {
        case .starting:
            let reason = told ?? "the worker \(exit?.inWords ?? "was not made") before it was ready"
            let retryAt = now + backoff.failedToStart()
            startsAgainAt = retryAt
            return [.cannotStart(reason: reason, retryAt: retryAt)] + adjust(now: now)
        case .ready, .killed:
            let delay = backoff.died(now: now)
            if delay > .zero { startsAgainAt = now + delay }
            return adjust(now: now)
        case .leaving:
            return adjust(now: now)
        }
    }

    /// A worker is to be killed: it did not yield, or used too much memory.
    package mutating func kill(_ worker: WorkerNumber) -> [SupervisorAction] {
        switch workers[worker] {
        case nil, .killed: return []
        case .starting where failures[worker] == nil:
            // It stays a failed start, with the reason its killer gave before.
            return [.kill(worker)]
        default:
            workers[worker] = .killed
            return [.kill(worker)]
        }
    }

    /// The module or its environment changed: everything that runs is to be replaced.
    package mutating func renew(now: Instant) -> [SupervisorAction] {
        var actions: [SupervisorAction] = []
        for (worker, phase) in workers.sorted(by: { $0.key < $1.key }) {
            switch phase {
            case .starting, .ready:
                workers[worker] = .leaving(until: now + drainTimeout)
                actions.append(.drain(worker))
            case .leaving, .killed:
                continue
            }
        }
        startsAgainAt = nil
        backoff = Backoff()
        return actions + adjust(now: now)
    }

    /// Ends all workers, each after what it has.
    package mutating func stop(now: Instant) -> [SupervisorAction] {
        isStopping = true
        wanted = 0
        return renew(now: now)
    }

    /// Does what is due.
    package mutating func timerFired(now: Instant) -> [SupervisorAction] {
        var actions: [SupervisorAction] = []
        for (worker, phase) in workers.sorted(by: { $0.key < $1.key }) {
            switch phase {
            case .starting(let until) where until <= now:
                failures[worker] = "the worker offered no slot within \(startTimeout)"
                // A second kill does no harm, and the exit is still to come.
                workers[worker] = .starting(until: now + startTimeout)
                actions.append(.kill(worker))
            case .leaving(let until) where until <= now:
                workers[worker] = .killed
                actions.append(.kill(worker))
            default:
                continue
            }
        }
        return actions + adjust(now: now)
    }

    /// When ``timerFired(now:)`` should be called next.
    package var nextTimer: Instant? {
        var due: [Instant] = workers.values.compactMap { phase in
            switch phase {
            case .starting(let until), .leaving(let until): until
            case .ready, .killed: nil
            }
        }
        if let startsAgainAt, starting + ready < wanted { due.append(startsAgainAt) }
        return due.min()
    }

    private mutating func adjust(now: Instant) -> [SupervisorAction] {
        let live = starting + ready
        if live < wanted {
            if let startsAgainAt {
                guard startsAgainAt <= now else { return [] }
                self.startsAgainAt = nil
            }
            return (live..<wanted).map { _ in
                defer { next += 1 }
                workers[next] = .starting(until: now + startTimeout)
                return .spawn(next)
            }
        }
        // What still starts may fail, so no ready worker goes for its sake.
        return ready > wanted ? [.retire(ready - wanted)] : []
    }
}

extension WorkerExit.Cause {
    /// What became of the process, to follow "the worker".
    package var inWords: String {
        switch self {
        case .code(let code): "exited with code \(code)"
        case .signal(let signal): "was ended by \(SignalText.text(signal))"
        case .memoryLimit: "was ended for holding more memory than its limit"
        }
    }
}
