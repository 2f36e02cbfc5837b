import CShims
import Glibc
import WorkerProtocol

/// A loaded process with one thread that forks workers.
///
/// Nothing in it may use Swift concurrency, an actor, Dispatch or NIO: all of them start threads, and a process
/// forked from one with threads hangs.
struct Template {
    private let module: Module
    private let control: CInt
    private let signals: Signals
    private let pid = getpid()
    private var workers = WorkerChildren()
    private var input: [UInt8] = []
    private var output: [UInt8] = []

    /// Serves the control socket until its end; returns the exit code.
    static func run(_ module: Module, control: CInt) -> Int32 {
        // Ctrl-C at a terminal reaches all processes of the group; who leaves when is for the launcher to say.
        Signals.ignore([SIGPIPE, SIGINT])
        shopfn_set_process_name("\(module.name)-template")
        do {
            guard fcntl(control, F_SETFD, FD_CLOEXEC) == 0 else {
                throw SystemError("--template needs its control socket as descriptor \(control)")
            }
            var template = Template(
                module: module,
                control: control,
                signals: try Signals([SIGCHLD, SIGTERM])
            )
            return try template.serve()
        } catch {
            module.report(.error, "template: \(error)")
            return error is ProtocolViolation ? 1 : 3
        }
    }

    private init(module: Module, control: CInt, signals: Signals) {
        self.module = module
        self.control = control
        self.signals = signals
    }

    private mutating func serve() throws -> Int32 {
        let ready = TemplateReady(pid: pid, module: module.name, handlers: module.handlers.map(\.name))
        try send(.ready(ready))
        while true {
            let events = try Poll.wait(
                [.read(control), .read(signals.descriptor)],
                nanoseconds: workers.checkInterval
            )
            workers.enforceMemoryLimits()
            if events[1].canRead, try handleSignals() { break }
            if events[0].canRead {
                guard try receive() else { break }
            }
        }
        try endWorkers()
        return 0
    }

    // MARK: Events

    /// Reaps children; returns whether the template itself is asked to end.
    private mutating func handleSignals() throws -> Bool {
        var isAsked = false
        while let signal = signals.next() {
            if signal == SIGTERM { isAsked = true }
        }
        for exit in workers.reap() {
            try send(.exited(exit))
        }
        return isAsked
    }

    /// Does what the launcher orders; false when it is over.
    private mutating func receive() throws -> Bool {
        let count = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { room in
            let count = Sockets.retrying { read(control, room.baseAddress, room.count) }
            if count > 0 { input.append(contentsOf: room[..<count]) }
            return count
        }
        guard count > 0 else { return false }
        while true {
            let decoded = try input.withRawBytes { (bytes) throws(ProtocolViolation) in
                try LauncherFrame.decode(bytes)
            }
            guard let (frame, size) = decoded else { return true }
            input.removeFirst(size)
            switch frame {
            case .shutdown:
                return false
            case .spawn(let request, let spawn):
                try fork(request, spawn)
            }
        }
    }

    private mutating func send(_ frame: TemplateFrame) throws {
        output.removeAll(keepingCapacity: true)
        try frame.append(to: &output)
        var sent = 0
        while sent < output.count {
            let count = output[sent...].withUnsafeBytes { bytes in
                Sockets.retrying { Glibc.send(control, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
            }
            // A launcher that is gone reads nothing; the end of its socket is noticed when it is next read.
            guard count > 0 else { return }
            sent += count
        }
    }

    // MARK: Workers

    /// Forks one worker; returns in the template only.
    private mutating func fork(_ request: UInt32, _ spawn: Spawn) throws {
        func fail(_ code: Int32, _ message: String) throws {
            try send(.forkFailed(request: request, errno: code, message: message))
        }
        guard module.handler(named: spawn.handler) != nil else {
            let known = module.handlers.map(\.name).joined(separator: ", ")
            return try fail(ENOENT, "\(module.name) has no handler '\(spawn.handler)'; it has \(known)")
        }
        let threads = ThreadCount.current()
        guard threads == 1 else {
            return try fail(
                EBUSY,
                "the template has \(threads) threads; something in the module's start-up started one"
            )
        }
        let child = shopfn_fork()
        if child < 0 {
            let error = SystemError("fork")
            return try fail(error.code, error.description)
        }
        if child == 0 {
            ForkedWorker.run(spawn, in: module, parent: pid, inherited: [control, signals.descriptor])
        }
        workers.add(child, memoryLimit: spawn.memoryLimit)
        try send(.forked(request: request, pid: child))
    }

    /// Asks all workers to leave, waits for them a while, then ends them.
    private mutating func endWorkers() throws {
        workers.signalAll(SIGTERM)
        let end = MonotonicClock.now() + 27_000_000_000
        while !workers.isEmpty {
            let left = end - MonotonicClock.now()
            if left <= 0 {
                workers.signalAll(SIGKILL)
            }
            _ = try Poll.wait([.read(signals.descriptor)], nanoseconds: left > 0 ? left : 1_000_000_000)
            _ = try handleSignals()
        }
    }
}
