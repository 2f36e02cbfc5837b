import Demand
import Gateway
import Glibc
import JSON
import Logging
import Manifest
import ServiceLifecycle
import Synchronization
import Telemetry

/// Invokes functions when their schedules say so.
final class ScheduleService: Service {
    private struct State {
        var table = ScheduleTable()
        /// The turn of duty that the table was last asked in.
        var turn: Int?
        /// Functions invoked in it.
        var invoked: Set<String> = []
        var outcomes: [String: Outcomes] = [:]
    }

    /// How often a function was invoked, by what came of it.
    struct Outcomes {
        var answered: UInt64 = 0
        var failed: UInt64 = 0
        var repeated: UInt64 = 0
    }

    private let duty: any ScheduleDuty
    private let logger: Logger
    private let state = Mutex(State())

    init(duty: any ScheduleDuty, logger: Logger) {
        self.duty = duty
        self.logger = logger
    }

    /// Takes over a manifest's schedules.
    func update(_ manifest: Manifest) {
        var schedules: [String: Schedule] = [:]
        for function in manifest.functions {
            if case .schedule(let schedule) = function.trigger { schedules[function.name] = schedule }
        }
        state.withLock { [schedules] state in
            state.table.update(schedules, now: Self.now, offset: ZoneOffsets.minutes)
            // A function that is new to the table may be in what the last one on duty left.
            state.turn = nil
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    // Cut short by the cancellation that ends the loop.
                    try? await Task.sleep(for: .seconds(1))
                    guard !Task.isCancelled else { return }
                    for name in await self.due() { group.addTask { await self.invoke(name) } }
                }
            }
        }
    }

    private func due() async -> [String] {
        guard let turn = await duty.turn() else {
            state.withLock { $0.turn = nil }
            return []
        }
        let busy = await duty.busy()
        let (names, marks) = state.withLock { state in
            if state.turn != turn.number {
                state.turn = turn.number
                state.invoked = []
                state.table.resume(turn.marks, now: Self.now, offset: ZoneOffsets.minutes)
            }
            // What this one has invoked itself, the table knows to be running; others may have left something behind.
            let names = state.table.due(now: Self.now, offset: ZoneOffsets.minutes) { [invoked = state.invoked] name in
                busy.contains(name) && !invoked.contains(name)
            }
            state.invoked.formUnion(names)
            return (names, state.table.marks)
        }
        if marks != turn.marks { duty.handOn(marks) }
        return names
    }

    private func invoke(_ name: String) async {
        let schedule = state.withLock { $0.table.schedule(of: name)?.text } ?? ""
        let outcome = await duty.invoke(name, schedule: schedule)
        let metadata: Logger.Metadata = ["function": "\(name)"]
        switch outcome {
        case .answered(let status, let message):
            if status >= 400 {
                logger.warning("scheduled function answered \(status): \(message)", metadata: metadata)
            }
            ended(name) { if status >= 400 { $0.failed += 1 } else { $0.answered += 1 } }
        case .refused(let reason):
            logger.warning("scheduled function not invoked yet: \(reason)", metadata: metadata)
            ended(name, isAgain: true) { $0.repeated += 1 }
        case .lost:
            guard !Task.isCancelled else { return }
            logger.warning("the gateway that invoked a scheduled function is gone: again", metadata: metadata)
            ended(name, isAgain: true) { $0.repeated += 1 }
        }
    }

    private func ended(_ name: String, isAgain: Bool = false, _ count: (inout Outcomes) -> Void) {
        state.withLock { state in
            if isAgain { state.table.failed(name) } else { state.table.finished(name) }
            count(&state.outcomes[name, default: Outcomes()])
        }
    }

    private static var now: Int { time(nil) }

    // MARK: Shown

    /// What the metrics say of it.
    var metrics: String {
        var text = PrometheusText()
        let outcomes = state.withLock { $0.outcomes }.sorted { $0.key < $1.key }
        guard !outcomes.isEmpty else { return "" }
        let name = "shopfn_schedule_invocations_total"
        text.family(name, .counter, help: "Invocations by schedule, by what came of them.")
        for (function, counts) in outcomes {
            for (outcome, count) in [
                ("answered", counts.answered), ("failed", counts.failed), ("repeated", counts.repeated),
            ] { text.sample(name, [("function", function), ("outcome", outcome)], count) }
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// The scheduled functions with what was invoked and what is next.
    var json: JSONValue {
        let (rows, outcomes) = state.withLock { ($0.table.rows, $0.outcomes) }
        func moment(_ seconds: Int?) -> JSONValue { seconds.map { .int($0) } ?? .null }
        return .array(
            rows.map { row in
                let counts = outcomes[row.function] ?? Outcomes()
                return [
                    "function": .string(row.function), "schedule": .string(row.schedule), "last": moment(row.last),
                    "next": moment(row.next), "isRunning": .bool(row.isRunning),
                    "answered": .int(Int(clamping: counts.answered)), "failed": .int(Int(clamping: counts.failed)),
                    "repeated": .int(Int(clamping: counts.repeated)),
                ]
            }
        )
    }
}

/// Whether it is this process that keeps the schedules, and by whom it has functions invoked.
protocol ScheduleDuty: Sendable {
    /// The turn of duty that holds now; `nil` while it is somebody else's or nobody's.
    func turn() async -> ScheduleTurn?

    /// Functions that run now, whoever had them invoked.
    func busy() async -> Set<String>

    /// Leaves what was invoked to whoever is on duty next.
    func handOn(_ marks: [String: ScheduleTable.Mark])

    /// Invokes a function and waits for its answer.
    func invoke(_ function: String, schedule: String) async -> FiringOutcome
}

/// One stretch of time in which this process keeps the schedules.
struct ScheduleTurn: Sendable {
    /// Tells it apart from those before.
    var number: Int
    /// What whoever was on duty before has left.
    var marks: [String: ScheduleTable.Mark]
}

/// A gateway that is alone, and so always on duty.
struct GatewayDuty: ScheduleDuty {
    let gateway: Gateway

    func turn() async -> ScheduleTurn? { ScheduleTurn(number: 0, marks: [:]) }
    func busy() async -> Set<String> { [] }
    func handOn(_ marks: [String: ScheduleTable.Mark]) {}

    func invoke(_ function: String, schedule: String) async -> FiringOutcome {
        do {
            guard let response = try await gateway.invoke(function, schedule: schedule) else {
                return .refused("there is no function of this name")
            }
            return .answered(status: response.status, message: response.complaint)
        } catch {
            return .refused("\(error)")
        }
    }
}
