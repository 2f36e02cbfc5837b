import ExternalScaler
import GatewayDemand
import Scaling
import Time
import WorkerProtocol

/// A board in hand: a clock moved by hand, a timer that fires when the clock passes it, and all that was announced.
struct DrivenBoard {
    var board: ScalerBoard
    var now = Instant.origin
    private(set) var announced: [String] = []

    static let functions = [
        ScaledFunction(
            name: "list",
            limits: PoolLimits(max: 8, idle: .seconds(60)),
            concurrency: 10,
            policy: .fixed()
        ),
        ScaledFunction(
            name: "warm",
            limits: PoolLimits(min: 2, max: 4, idle: .seconds(60)),
            concurrency: 1,
            policy: .adaptive(.balanced)
        ),
    ]

    init(_ functions: [ScaledFunction] = DrivenBoard.functions, settling: Duration = .zero) {
        var timing = ScalerTiming()
        timing.settling = settling
        board = ScalerBoard(functions, timing: timing)
    }

    mutating func hear(_ events: DemandEvent...) {
        note(board.take(events, now: now))
    }

    /// A gateway has so much in flight of `list`.
    mutating func demand(
        _ inFlight: Int,
        of gateway: GatewayName = "a",
        arrivals: UInt64 = 0,
        ready: Int = 0
    ) {
        hear(.demand(gateway, Self.pool(inFlight, arrivals: arrivals, ready: ready)))
    }

    /// One gateway is connected, and there is no other.
    mutating func connect(_ gateway: GatewayName = "a", known: Int = 1, _ pools: PoolDemand...) {
        hear(.connected(gateway, pools), .reach(known: known, connected: 1))
    }

    /// Moves the clock, firing the timer where it comes due.
    mutating func advance(to seconds: Double) {
        let target = Instant(nanoseconds: Int64((seconds * 1e9).rounded()))
        while let due = board.nextCheck, due <= target {
            now = max(now, due)
            note(board.timerFired(now: now))
            if board.nextCheck == due { break }
        }
        now = target
    }

    mutating func replace(_ functions: [ScaledFunction]) -> [String] {
        let (step, removed) = board.replace(functions, now: now)
        note(step)
        return removed
    }

    mutating func schedule(_ floors: [String: [ScheduledFloor]]) {
        note(board.schedule(floors, now: now))
    }

    mutating func restore(_ saved: [String: [UInt8]]) {
        note(board.restore(saved, now: now))
    }

    private mutating func note(_ step: ScalerBoard.Step) {
        announced += step.announcements.map { "\($0.function) \($0.isActive ? "active" : "idle")" }
    }

    /// What was announced since it was asked last.
    mutating func news() -> [String] {
        defer { announced = [] }
        return announced
    }

    func wanted(_ function: String = "list") throws -> Int {
        let reference = ScaledObjectRef(name: "o", namespace: "n", scalerMetadata: ["function": function])
        return try board.wanted(TriggerMetadata(reference), now: now)
    }

    static func pool(
        _ inFlight: Int,
        function: String = "list",
        arrivals: UInt64 = 0,
        ready: Int = 0
    ) -> PoolDemand {
        PoolDemand(function: function, arrivals: arrivals, inFlight: inFlight, readyWorkers: ready, concurrency: 10)
    }
}

/// By its id alone.
extension GatewayName: ExpressibleByStringLiteral {
    package init(stringLiteral id: String) { self.init(id: id, address: id) }
}
