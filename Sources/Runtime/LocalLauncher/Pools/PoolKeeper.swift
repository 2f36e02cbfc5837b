import Gateway
import Glibc
import Logging
import NIOCore
import Scaling
import Time
import WorkerProtocol

/// Makes a pool's workers what its scaler wants: carries out what the supervisor decides.
///
/// Belongs to one event loop.
final class PoolKeeper {
    private let driver: PoolDriver
    private let gateway: String
    private let token: String
    private let loop: any EventLoop
    private let logger: Logger
    private var function: LaunchedFunction
    private var template: Template
    private var supervisor: Supervisor
    /// Set once, right after both were made.
    var pool: LocalPool?

    private struct Running {
        var name: String
        var asked: Instant
        var pid: pid_t?
        var isDoomed = false
        /// Why it is about to be killed.
        var fate: String?
        /// How the process ended, while its connection's end has not been seen.
        var exit: WorkerExit.Cause?
        var mourners: [@Sendable (String) -> Void] = []
    }

    private var running: [WorkerNumber: Running] = [:]
    private var numbers: [String: WorkerNumber] = [:]
    private var checkTimer: Scheduled<Void>?
    private var supervisorTimer: Scheduled<Void>?
    /// Called when the function is no more and its workers are gone.
    private var whenGone: (() -> Void)?
    private var whenEmpty: [() -> Void] = []
    private(set) var starts = StartMetrics()
    private var lastAccount = Instant.now
    private(set) var workerSeconds = 0.0
    /// Why the last worker could not be started, until one can.
    private(set) var failure: String?

    init(
        _ function: LaunchedFunction,
        template: Template,
        driver: PoolDriver,
        gateway: String,
        token: String,
        loop: any EventLoop,
        logger: Logger
    ) {
        self.function = function
        self.template = template
        self.driver = driver
        self.gateway = gateway
        self.token = token
        self.loop = loop
        self.logger = logger
        supervisor = Supervisor(startTimeout: .seconds(10), drainTimeout: function.drainTimeout)
    }

    var name: String { function.name }
    var ready: Int { supervisor.ready }
    var starting: Int { supervisor.starting }
    var leaving: Int { supervisor.leaving }
    /// What its scaler has learned.
    var learned: [UInt8] { pool?.scaling { $0.savedState(now: .now) } ?? [] }

    /// Takes up a changed function: new workers are of the new revision, the others leave.
    func update(_ function: LaunchedFunction, template: Template) {
        let isNew = function.revision != self.function.revision
        self.function = function
        self.template = template
        supervisor.drainTimeout = function.drainTimeout
        if isNew {
            failure = nil
            perform(supervisor.renew(now: .now))
        }
        guard let pool else { return }
        let decision = pool.scaling { scaler in
            _ = scaler.reconfigured(
                limits: function.scale,
                concurrency: function.concurrency,
                policy: function.policy,
                now: .now
            )
            return scaler.scheduleChanged(function.floors, now: .now)
        }
        decided(decision)
    }

    /// Takes up what the schedule keeps from when on.
    func schedule(_ floors: [ScheduledFloor]) {
        function.floors = floors
        if let pool { decided(pool.scaling { $0.scheduleChanged(floors, now: .now) }) }
    }

    /// The function is no more: its workers go once nobody waits for them, and then `body` is called.
    func remove(_ body: @escaping () -> Void) {
        whenGone = body
        leaveIfQuiet()
    }

    /// Lets go of the pool, and of whatever would come back here.
    func dismiss() {
        checkTimer?.cancel()
        supervisorTimer?.cancel()
        driver.dismissObserver()
        pool = nil
    }

    /// Has all workers leave, and calls `body` when none is left.
    func stop(_ body: @escaping () -> Void) {
        checkTimer?.cancel()
        whenEmpty.append(body)
        perform(supervisor.stop(now: .now))
        tellIfEmpty()
    }

    /// Kills what is left.
    func killAll() {
        for number in running.keys { perform(supervisor.kill(number)) }
    }

    // MARK: What happens

    func decided(_ decision: ScaleDecision) {
        checkTimer?.cancel()
        checkTimer = nil
        if let check = decision.nextCheck {
            let bound = NIOLoopBound(self, eventLoop: loop)
            checkTimer = loop.scheduleTask(deadline: NIODeadline(check)) { bound.value.checkIsDue() }
        }
        if decision.wanted != supervisor.wanted {
            starts.decided(decision.reason.label)
            logger.debug("\(decision.reason)", metadata: ["function": "\(name)", "workers": "\(decision.wanted)"])
        }
        perform(supervisor.want(decision.wanted, now: .now))
    }

    private func checkIsDue() {
        checkTimer = nil
        guard let pool else { return }
        decided(pool.scaling { $0.timerFired(now: .now) })
    }

    func joined(_ name: String) {
        guard let number = numbers[name], let worker = running[number] else { return }
        let now = Instant.now
        let took = now - worker.asked
        starts.started(after: took)
        failure = nil
        pool?.scaling { $0.startMeasured(took) }
        perform(supervisor.joined(number, now: now))
        workersChanged()
    }

    func startFailed(_ name: String, reason: String) {
        guard let number = numbers[name] else { return }
        supervisor.startFailed(number, reason: reason)
    }

    func leaves(_ name: String) {
        guard let number = numbers[name] else { return }
        let now = Instant.now
        supervisor.retired([number], now: now)
        perform(supervisor.want(supervisor.wanted, now: now))
        workersChanged()
    }

    func mustEnd(_ name: String) {
        guard let number = numbers[name] else { return }
        running[number]?.fate = "was ended because a handler went on after it had been cancelled"
        perform(supervisor.kill(number))
    }

    /// The process was seen to close its socket; its end follows at once, or else is not waited for.
    func causeOfDeath(_ name: String, _ reply: @escaping @Sendable (String) -> Void) {
        guard let number = numbers[name] else {
            reply("died")
            return
        }
        running[number]?.mourners.append(reply)
        if let exit = running[number]?.exit {
            ended(number, exit, nil)
            return
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: .milliseconds(100)) { bound.value.console(number, "closed its connection") }
    }

    private func console(_ number: WorkerNumber, _ cause: String) {
        let mourners = running[number]?.mourners ?? []
        running[number]?.mourners = []
        for mourner in mourners { mourner(cause) }
    }

    private func forked(_ number: WorkerNumber, _ pid: pid_t) {
        running[number]?.pid = pid
        if running[number]?.isDoomed == true { kill(pid, SIGKILL) }
    }

    /// The process is gone.
    ///
    /// The template's word of it may be read before what the worker itself said last, perhaps why it could not start,
    /// and before those who lost it ask for the cause. The end of its connection comes behind both.
    private func exited(_ number: WorkerNumber, _ cause: WorkerExit.Cause?, _ reason: String?) {
        guard let cause, running[number]?.mourners.isEmpty == true else {
            ended(number, cause, reason)
            return
        }
        running[number]?.exit = cause
        running[number]?.pid = nil
        let bound = NIOLoopBound(self, eventLoop: loop)
        // One that never connected has no connection to end.
        loop.scheduleTask(in: .milliseconds(50)) {
            guard bound.value.running[number] != nil else { return }
            bound.value.ended(number, cause, nil)
        }
    }

    private func ended(_ number: WorkerNumber, _ cause: WorkerExit.Cause?, _ reason: String?) {
        account()
        console(number, running[number]?.fate ?? cause.map(words) ?? reason ?? "died")
        guard let worker = running.removeValue(forKey: number) else { return }
        numbers[worker.name] = nil
        let now = Instant.now
        if let reason { supervisor.startFailed(number, reason: reason) }
        switch cause {
        case .code(0), nil: break
        case .some(let cause):
            starts.died(cause)
            logger.warning("worker \(words(cause))", metadata: ["function": "\(name)", "worker": "\(worker.name)"])
        }
        perform(supervisor.exited(number, cause, now: now))
        workersChanged()
        tellIfEmpty()
        leaveIfQuiet()
    }

    private func words(_ cause: WorkerExit.Cause) -> String {
        guard case .memoryLimit = cause else { return cause.inWords }
        return "was ended because it held more than its \(function.memory >> 20) MiB of memory"
    }

    private func workersChanged() {
        guard let pool else { return }
        let (ready, starting, leaving) = (supervisor.ready, supervisor.starting, supervisor.leaving)
        let decision = pool.scaling {
            $0.workersChanged(ready: ready, starting: starting, draining: leaving, now: .now)
        }
        if let decision { decided(decision) }
    }

    // MARK: What is done

    private func perform(_ actions: [SupervisorAction]) {
        account()
        for action in actions {
            switch action {
            case .spawn(let number): spawn(number)
            case .retire(let count):
                supervisor.retired(driver.retire(count).compactMap { numbers[$0] }, now: .now)
            case .drain(let number): drain(number)
            case .kill(let number): end(number)
            case .cannotStart(let reason, let retryAt):
                logger.error("no worker can be started: \(reason)", metadata: ["function": "\(name)"])
                starts.failed()
                failure = reason
                driver.cannotStart(reason, retryAt: retryAt)
            }
        }
        supervisorTimer?.cancel()
        supervisorTimer = supervisor.nextTimer.map { due in
            let bound = NIOLoopBound(self, eventLoop: loop)
            return loop.scheduleTask(deadline: NIODeadline(due)) {
                bound.value.perform(bound.value.supervisor.timerFired(now: .now))
            }
        }
    }

    private func spawn(_ number: WorkerNumber) {
        let workerName = "\(function.name)-\(number)"
        running[number] = Running(name: workerName, asked: .now)
        numbers[workerName] = number
        template.spawn(
            Spawn(
                workerID: workerName,
                function: function.name,
                handler: function.handler,
                gateway: gateway,
                token: token,
                revision: function.revision,
                concurrency: UInt16(clamping: function.concurrency),
                memoryLimit: UInt64(function.memory),
                environment: function.environment
            ),
            Template.Worker(
                forked: { [weak self] pid in self?.forked(number, pid) },
                ended: { [weak self] cause, reason in self?.exited(number, cause, reason) }
            )
        )
    }

    /// A worker that is not connected yet has nothing to finish.
    private func drain(_ number: WorkerNumber) {
        guard let worker = running[number] else { return }
        if !driver.drain(worker.name) { end(number) }
    }

    private func end(_ number: WorkerNumber) {
        running[number]?.isDoomed = true
        if let pid = running[number]?.pid { kill(pid, SIGKILL) }
    }

    private func leaveIfQuiet() {
        guard let whenGone else { return }
        if driver.isQuiet {
            self.whenGone = nil
            stop(whenGone)
        } else {
            let bound = NIOLoopBound(self, eventLoop: loop)
            loop.scheduleTask(in: .milliseconds(50)) { bound.value.leaveIfQuiet() }
        }
    }

    private func tellIfEmpty() {
        guard supervisor.isEmpty else { return }
        let bodies = whenEmpty
        whenEmpty.removeAll()
        for body in bodies { body() }
    }

    /// Adds up the time that workers were there.
    func account() {
        let now = Instant.now
        workerSeconds += Double(running.count) * (now - lastAccount).inSeconds
        lastAccount = now
    }
}
