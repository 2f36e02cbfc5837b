import Synchronization
import WorkerProtocol

/// What the read loop and the handlers' tasks share: the way out and the table of invocations.
final class WorkerConnection: Sendable {
    let outbox: Outbox
    let wake: Wake
    let report: @Sendable (ReportLevel, String) -> Void

    private let table = Mutex<[UInt32: WorkerInvocation]>([:])
    /// Invocations whose last frame is not yet in the outbox.
    private let running = Atomic<Int>(0)
    private let wantsToEnd = Atomic<Bool>(false)
    private let frameLimit = Atomic<Int>(ProtocolLimits.maximumFrame)

    init(transport: Transport, wake: Wake, report: @escaping @Sendable (ReportLevel, String) -> Void) {
        self.wake = wake
        self.report = report
        outbox = Outbox(transport: transport, wake: wake)
    }

    /// The largest frame the gateway takes.
    var maximumFrame: Int {
        get { frameLimit.load(ordering: .relaxed) }
        set { frameLimit.store(newValue, ordering: .relaxed) }
    }

    /// Sends a small frame.
    func send(_ frame: WorkerFrame) {
        do {
            try outbox.send { (buffer) throws(ProtocolViolation) in try frame.append(to: &buffer) }
        } catch {
            report(.error, "a frame could not be encoded: \(error)")
        }
    }

    // MARK: Table

    /// Why an invocation cannot be added.
    enum Refusal: Error {
        case idInUse
        case noFreeSlot
    }

    /// Adds an invocation, which takes one of `slots`.
    ///
    /// Slots are counted here and not by `runningCount`: the gateway has a slot back as soon as the last frame of
    /// an invocation reaches it, which may be before the task that sent it goes on.
    func add(_ invocation: WorkerInvocation, slots: Int) throws(Refusal) {
        try table.withLock { (table) throws(Refusal) in
            guard table[invocation.id] == nil else { throw .idInUse }
            guard table.count < slots else { throw .noFreeSlot }
            table[invocation.id] = invocation
        }
        running.add(1, ordering: .relaxed)
    }

    func invocation(_ id: UInt32) -> WorkerInvocation? {
        table.withLock { $0[id] }
    }

    func forget(_ id: UInt32) {
        table.withLock { _ = $0.removeValue(forKey: id) }
    }

    /// The last frame of an invocation is in the outbox.
    func invocationEnded() {
        let left = running.subtract(1, ordering: .acquiringAndReleasing).newValue
        if left == 0, wantsToEnd.load(ordering: .acquiring) { wake.now() }
    }

    /// From now on the read loop is woken when the last invocation ends.
    func announceEnd() {
        wantsToEnd.store(true, ordering: .releasing)
    }

    /// How many invocations still owe a frame.
    var runningCount: Int { running.load(ordering: .acquiring) }

    /// Cancels every invocation.
    func cancelAll(_ reason: CancelReason) {
        for invocation in table.withLock({ Array($0.values) }) { invocation.cancel(reason) }
    }

    /// Whether an invocation goes on long after its deadline: its handler does not heed that it was cancelled.
    func isStuck(now: Int64, patience: Int64) -> Bool {
        table.withLock { table in table.values.contains { $0.deadline < now - patience } }
    }

    /// Cancels what is past its deadline; returns the earliest deadline still to come.
    func cancelOverdue(now: Int64) -> Int64? {
        let all = table.withLock { Array($0.values) }
        var next: Int64?
        for invocation in all where invocation.cancelReason == nil {
            if invocation.deadline <= now {
                invocation.cancel(.deadline)
            } else {
                next = min(next ?? .max, invocation.deadline)
            }
        }
        return next
    }
}
