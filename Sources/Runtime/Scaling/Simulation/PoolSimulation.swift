import Time

/// What a simulation assumes of the world.
package struct SimulationParameters: Hashable, Sendable {
    /// Slots a worker has.
    package var concurrency = 10
    /// Nanoseconds from asking for a worker to its offering slots.
    package var start: Duration = .seconds(2)
    package var seed: UInt64 = 1
    package var placement = Placement.poisson
    /// Minutes of the trace that are reported; what comes before only teaches.
    package var measured: Range<Int>?
    /// Whether workers and load are kept minute by minute.
    package var keepsTimeline = false
    /// When the trace begins, as time since the Unix epoch; zero where that is unknown.
    package var begin: Duration = .zero

    package init() {}
}

/// Replays one function against one scaler in virtual time.
struct PoolSimulation {
    /// From this wait on a request counts as cold.
    static let coldWait: Int64 = 100_000_000
    /// At this wait a request is given up.
    static let giveUp: Int64 = 60_000_000_000

    private var scaler: PoolScaler
    private var fleet: SimulatedFleet
    private var running = CompletionHeap()
    private var queue = SimulatedQueue()
    private var timer: Int64
    private var now: Int64 = 0
    private var outcome = PoolOutcome()
    private let start: Int64
    private let measureFrom: Int64
    private let measureTo: Int64

    init(scaler: PoolScaler, minutes: Int, parameters: SimulationParameters) {
        self.scaler = scaler
        fleet = SimulatedFleet(concurrency: parameters.concurrency)
        timer = scaler.decision.nextCheck?.nanoseconds ?? .max
        start = parameters.start.wholeNanoseconds
        let measured = parameters.measured ?? 0..<minutes
        measureFrom = Int64(measured.lowerBound) * Workload.minute
        measureTo = Int64(Swift.min(minutes, measured.upperBound)) * Workload.minute
        if parameters.keepsTimeline { outcome.timeline = Timeline(minutes: minutes) }
    }

    /// Runs to the end; every request that came has then been served or given up.
    mutating func run(_ workload: Workload) -> PoolOutcome {
        var workload = workload
        obey()
        var request = workload.next()
        while true {
            let arrival = request?.arrival ?? .max
            let other = Swift.min(Swift.min(running.first, fleet.nextReady), Swift.min(timer, queue.giveUpAt))
            let time = Swift.min(arrival, other)
            // Beyond the trace's end only what is still under way matters.
            if request == nil, running.isEmpty, queue.isEmpty, time >= measureTo { break }
            advance(to: time)
            if running.first == time {
                fleet.release(running.removeFirst())
                serve()
                tell()
            } else if fleet.nextReady == time {
                fleet.becomeReady()
                serve()
                tellWorkers()
            } else if queue.giveUpAt == time {
                giveUp()
                tell()
            } else if timer == time {
                let decision = scaler.timerFired(now: Instant(nanoseconds: now))
                timer = decision.nextCheck?.nanoseconds ?? .max
                obey()
            } else if let arrived = request {
                take(arrived)
                tell()
                request = workload.next()
            }
        }
        advance(to: Swift.max(now, measureTo))
        return outcome
    }

    private mutating func take(_ request: Workload.Request) {
        if queue.isEmpty, let worker = fleet.take() {
            served(request, by: worker)
        } else {
            queue.append(request)
        }
    }

    private mutating func serve() {
        while !queue.isEmpty, let worker = fleet.take() { served(queue.removeFirst(), by: worker) }
    }

    private mutating func served(_ request: Workload.Request, by worker: Int32) {
        running.insert(end: now + request.duration, worker: worker)
        guard request.arrival >= measureFrom, request.arrival < measureTo else { return }
        let wait = now - request.arrival
        outcome.requests += 1
        outcome.waits.record(wait)
        if wait >= Self.coldWait { outcome.cold += 1 }
    }

    private mutating func giveUp() {
        let request = queue.removeFirst()
        guard request.arrival >= measureFrom, request.arrival < measureTo else { return }
        outcome.requests += 1
        outcome.waits.record(Self.giveUp)
        outcome.cold += 1
        outcome.failed += 1
    }

    private mutating func tell() {
        let inFlight = fleet.running + queue.count
        if let decision = scaler.demandChanged(
            inFlight: inFlight,
            queued: queue.count,
            freeSlots: fleet.freeSlots,
            now: Instant(nanoseconds: now)
        ) {
            timer = decision.nextCheck?.nanoseconds ?? .max
            obey()
        }
    }

    private mutating func tellWorkers() {
        if let decision = scaler.workersChanged(
            ready: fleet.ready,
            starting: fleet.starting,
            draining: fleet.draining,
            now: Instant(nanoseconds: now)
        ) {
            timer = decision.nextCheck?.nanoseconds ?? .max
            obey()
        }
    }

    /// Makes the workers match the decision.
    private mutating func obey() {
        let wanted = scaler.decision.wanted
        let had = fleet.ready + fleet.starting
        if had == wanted { return }
        if had < wanted {
            if now >= measureFrom, now < measureTo { outcome.starts += wanted - had }
            for _ in had..<wanted { fleet.start(readyAt: now + start) }
        } else {
            for _ in wanted..<had { fleet.letOneGo() }
        }
        tellWorkers()
    }

    private mutating func advance(to time: Int64) {
        let from = Swift.max(now, measureFrom)
        let to = Swift.min(time, measureTo)
        if to > from {
            let seconds = Double(to - from) * 1e-9
            outcome.workerSeconds += Double(fleet.alive) * seconds
            outcome.idleWorkerSeconds += Double(fleet.idle) * seconds
        }
        outcome.timeline?.add(from: now, to: time, workers: fleet.alive, inFlight: fleet.running + queue.count)
        now = time
    }
}

/// Waiting requests, first come first served.
struct SimulatedQueue {
    private var requests: [Workload.Request] = []
    private var first = 0

    var isEmpty: Bool { first == requests.count }
    var count: Int { requests.count - first }
    /// When the first gives up; the largest number where none waits.
    var giveUpAt: Int64 { isEmpty ? .max : requests[first].arrival + PoolSimulation.giveUp }

    mutating func append(_ request: Workload.Request) { requests.append(request) }

    mutating func removeFirst() -> Workload.Request {
        let request = requests[first]
        first += 1
        if first == requests.count {
            requests.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 4096, first * 2 > requests.count {
            requests.removeSubrange(..<first)
            first = 0
        }
        return request
    }
}
