package import Gateway
import Glibc
import JSON
package import Logging
import NIOCore
package import Scaling
import ScalingReports
import Synchronization
import Time

/// Keeps the workers of all functions as processes of this machine.
///
/// Everything but a pool's demand is handled on one event loop of the gateway's.
package final class LocalLauncher: Sendable {
    private let gateway: Gateway
    private let logger: Logger
    private let loop: any EventLoop
    private let house: NIOLoopBound<House>

    /// - Parameters:
    ///   - gateway: The gateway whose pools it fills; it must outlive the launcher.
    ///   - learned: What the scaler had learned before a restart, by function.
    ///   - logger: Hears of what goes wrong.
    /// - Throws: where the gateway's event loops have ended.
    package init(gateway: Gateway, learned: [String: [UInt8]] = [:], logger: Logger) async throws {
        self.gateway = gateway
        self.logger = logger
        let loop = gateway.eventLoop
        self.loop = loop
        house = try await loop.submit { NIOLoopBound(House(learned), eventLoop: loop) }.get()
    }

    /// Puts the plan in force: changed functions get new workers while the old ones finish, removed ones end.
    package func apply(_ plan: LaunchPlan) async throws {
        let (gateway, logger, loop) = (gateway, logger, loop)
        try await loop.submit { [house] in
            house.value.apply(plan, gateway: gateway, loop: loop, logger: logger)
        }.get()
    }

    /// Tells what the schedules of these functions keep from when on.
    package func schedule(_ floors: [String: [ScheduledFloor]]) async {
        // It fails only once the loop is gone, and with it all workers.
        try? await loop.submit { [house] in
            for (name, floors) in floors { house.value.keepers[name]?.schedule(floors) }
        }.get()
    }

    /// What the scaler has learned, by function, of functions that are no more too.
    package func learnedStates() async -> [String: [UInt8]] {
        (try? await loop.submit { [house] in house.value.learnedStates() }.get()) ?? [:]
    }

    /// What is known of every pool's worker processes, by function.
    package func reports() async -> [String: PoolReport] {
        // It fails only once the loop is gone, and there is nothing to report then.
        (try? await loop.submit { [house] in house.value.keepers.mapValues { $0.report() } }.get()) ?? [:]
    }

    /// Has all workers finish what they have, and ends them and the templates; kills what is left after `bound`.
    package func stop(within bound: Duration) async {
        let loop = loop
        let emptied = loop.makePromise(of: Void.self)
        loop.execute { [house] in house.value.stop { emptied.succeed() } }
        let timer = loop.scheduleTask(in: .nanoseconds(bound.wholeNanoseconds)) { [house] in house.value.killAll() }
        try? await emptied.futureResult.get()
        timer.cancel()
    }
}

extension PoolKeeper {
    func report() -> PoolReport {
        account()
        var report = PoolReport()
        report.ready = ready
        report.starting = starting
        report.leaving = leaving
        report.starts = starts.durations
        report.failedStarts = starts.failures
        report.failure = failure
        report.deaths = starts.deaths
        report.decisions = starts.decisions
        report.workerSeconds = workerSeconds
        guard let scaler = pool?.scaling({ $0 }) else { return report }
        report.wanted = scaler.decision.wanted
        report.reason = "\(scaler.decision.reason)"
        report.policy = scaler.choice.name
        report.explanation = { [name, failure, ready, starting, leaving] in
            var document = scaler.explanation.json(function: name, now: .now).objectValue ?? JSONObject()
            // The scaler is not told of every worker that begins to start, as it asked for them.
            var now = document["now"]?.objectValue ?? JSONObject()
            now["ready"] = .int(ready)
            now["starting"] = .int(starting)
            now["draining"] = .int(leaving)
            document["now"] = .object(now)
            document["failure"] = failure.map { .string($0) } ?? .null
            return .object(document)
        }
        return report
    }
}

/// All keepers and templates.
///
/// Belongs to one event loop.
private final class House {
    private(set) var keepers: [String: PoolKeeper] = [:]
    /// Keepers of functions that are no more, until their workers are gone.
    private var leaving: [PoolKeeper] = []
    private var templates: [ModuleFile: Template] = [:]
    /// What the scalers of functions without a keeper had learned.
    private var learned: [String: [UInt8]]

    init(_ learned: [String: [UInt8]]) {
        self.learned = learned
    }

    func learnedStates() -> [String: [UInt8]] {
        for (name, keeper) in keepers { learned[name] = keeper.learned }
        return learned
    }

    func apply(_ plan: LaunchPlan, gateway: Gateway, loop: any EventLoop, logger: Logger) {
        let files = Set(plan.functions.map(\.module))
        for file in files where templates[file] == nil {
            let template = Template(module: file, loop: loop, logger: logger)
            templates[file] = template
            if let reason = template.start() { logger.error("\(reason)") }
        }
        for function in plan.functions {
            guard let template = templates[function.module] else { continue }
            if let keeper = keepers[function.name] {
                keeper.update(function, template: template)
            } else if let driver = gateway.pools.pool(function.name) {
                keepers[function.name] = keep(function, template, driver, gateway, loop, logger)
            }
        }
        let names = Set(plan.functions.map(\.name))
        for (name, keeper) in keepers where !names.contains(name) {
            learned[name] = keeper.learned
            keepers[name] = nil
            leaving.append(keeper)
            keeper.remove { [weak self] in
                keeper.dismiss()
                self?.leaving.removeAll { $0 === keeper }
            }
        }
        for (file, template) in templates where !files.contains(file) {
            templates[file] = nil
            template.retire()
        }
    }

    private func keep(
        _ function: LaunchedFunction,
        _ template: Template,
        _ driver: PoolDriver,
        _ gateway: Gateway,
        _ loop: any EventLoop,
        _ logger: Logger
    ) -> PoolKeeper {
        let keeper = PoolKeeper(
            function,
            template: template,
            driver: driver,
            // A gateway that local workers are launched for has a socket and a secret for them.
            gateway: "unix://\(gateway.configuration.workerSocket ?? "")",
            token: gateway.configuration.tokens.first ?? "",
            loop: loop,
            logger: logger
        )
        let now = Instant.now
        let scaler = PoolScaler(
            limits: function.scale,
            concurrency: function.concurrency,
            policy: function.policy,
            floors: function.floors,
            wallClock: Duration.sinceEpoch - (now - .origin),
            saved: learned[function.name],
            now: now
        )
        if let warning = scaler.stateWarning {
            logger.warning("\(warning)", metadata: ["function": "\(function.name)"])
        }
        let decision = scaler.decision
        let pool = LocalPool(keeper, scaler: scaler, loop: loop)
        keeper.pool = pool
        driver.observe(pool)
        keeper.decided(decision)
        return keeper
    }

    func stop(_ done: @escaping () -> Void) {
        let all = Array(keepers.values) + leaving
        var left = all.count
        let templates = Array(templates.values)
        func endTemplates() {
            var running = templates.count
            if running == 0 { done() }
            for template in templates {
                template.retire()
                template.onEnd {
                    running -= 1
                    if running == 0 { done() }
                }
            }
        }
        if all.isEmpty { endTemplates() }
        for keeper in all {
            keeper.stop {
                left -= 1
                if left == 0 { endTemplates() }
            }
        }
    }

    func killAll() {
        for keeper in Array(keepers.values) + leaving { keeper.killAll() }
        for template in templates.values { template.kill() }
    }
}
