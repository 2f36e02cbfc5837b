import Scaling
import Time

/// A pool in hand: its scaler, a clock moved by hand, and a timer that fires when the clock passes it.
struct Driven {
    var scaler: PoolScaler
    var now = Instant.origin
    private var timer: Instant?
    /// How often the timer fired.
    var timersFired = 0

    init(
        limits: PoolLimits,
        concurrency: Int = 10,
        policy: PolicyChoice = .fixed(),
        startTime: Duration = .seconds(2),
        saved: [UInt8]? = nil
    ) {
        scaler = PoolScaler(
            limits: limits,
            concurrency: concurrency,
            policy: policy,
            startTime: startTime,
            saved: saved,
            now: .origin
        )
        timer = scaler.decision.nextCheck
    }

    var wanted: Int { scaler.decision.wanted }
    var armed: Duration? { timer.map { $0 - .origin } }

    /// Moves the clock, firing the timer where it comes due.
    mutating func advance(to seconds: Double) {
        let target = Instant(nanoseconds: Int64((seconds * 1e9).rounded()))
        while let due = timer, due <= target {
            now = due
            timersFired += 1
            timer = scaler.timerFired(now: now).nextCheck
        }
        now = target
    }

    /// Demand changes now; returns the new decision if there is one.
    @discardableResult
    mutating func demand(_ inFlight: Int) -> ScaleDecision? {
        let decision = scaler.demandChanged(
            inFlight: inFlight,
            queued: 0,
            freeSlots: 0,
            now: now
        )
        if let decision { timer = decision.nextCheck }
        return decision
    }

    /// Workers came or went.
    mutating func workers(ready: Int) {
        if let decision = scaler.workersChanged(ready: ready, starting: 0, draining: 0, now: now) {
            timer = decision.nextCheck
        }
    }

    /// Arms the timer as a decision says that was made past this driver.
    mutating func obey(_ decision: ScaleDecision) {
        timer = decision.nextCheck
    }

    /// The schedule keeps so many workers from these seconds on.
    mutating func schedule(_ floors: [(at: Double, min: Int)]) {
        let floors = floors.map { ScheduledFloor(at: .origin + .seconds($0.at), min: $0.min) }
        obey(scaler.scheduleChanged(floors, now: now))
    }

    /// One request at a time from `start`, each over at once.
    mutating func pulse(at seconds: Double) {
        advance(to: seconds)
        demand(1)
        demand(0)
    }
}
