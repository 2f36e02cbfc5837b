import Glibc
import WorkerProtocol

/// A template process and the launcher's end of its control socket.
final class LauncherEnd {
    let process: ProbeProcess
    let listener: Listener
    private(set) var wire: Wire?
    private var input: [UInt8] = []
    private var request: UInt32 = 0

    init(environment: [String] = []) throws {
        let (wire, other) = try Wire.pair()
        defer { closeDescriptor(other) }
        listener = try Listener()
        self.wire = wire
        process = try ProbeProcess(["--template"], inherit: [(other, 3)], environment: environment)
    }

    func send(_ frame: LauncherFrame) throws {
        var bytes: [UInt8] = []
        try frame.append(to: &bytes)
        try wire?.send(bytes)
    }

    func next(within seconds: Double = 60) throws -> TemplateFrame? {
        let limit = ContinuousClock.now + .seconds(seconds)
        while true {
            if let (frame, size) = try input.withUnsafeBytes({ try TemplateFrame.decode($0) }) {
                input.removeFirst(size)
                return frame
            }
            let left = ContinuousClock.now.duration(to: limit) / .seconds(1)
            guard left > 0, let bytes = try wire?.receive(within: left) else {
                throw ProbeProcess.Failed(description: "the template said nothing within \(seconds) s")
            }
            if bytes.isEmpty { return nil }
            input.append(contentsOf: bytes)
        }
    }

    /// Takes the template's first frame.
    func ready() throws -> TemplateReady {
        guard case .ready(let ready)? = try next() else {
            throw ProbeProcess.Failed(description: "the template's first frame is not ready")
        }
        return ready
    }

    /// Orders a worker and returns its process id.
    func spawn(
        _ handler: String,
        concurrency: UInt16 = 1,
        memoryLimit: UInt64 = 0,
        environment: [Spawn.Variable] = []
    ) throws -> pid_t {
        request += 1
        let spawn = Spawn(
            workerID: "w\(request)",
            function: "fn-\(handler)",
            handler: handler,
            gateway: "unix://\(listener.path)",
            token: "token-\(request)",
            revision: "r1",
            concurrency: concurrency,
            memoryLimit: memoryLimit,
            environment: environment
        )
        try send(.spawn(request: request, spawn))
        guard case .forked(request, let pid)? = try next() else {
            throw ProbeProcess.Failed(description: "no fork for request \(request)")
        }
        return pid
    }

    /// Orders a worker and takes its connection up to its offer.
    func worker(
        _ handler: String,
        concurrency: UInt16 = 1,
        memoryLimit: UInt64 = 0,
        environment: [Spawn.Variable] = []
    ) throws -> (pid: pid_t, gateway: GatewayEnd) {
        let pid = try spawn(
            handler,
            concurrency: concurrency,
            memoryLimit: memoryLimit,
            environment: environment
        )
        let gateway = GatewayEnd(try listener.accept())
        let hello = try gateway.welcome()
        guard hello.pid == UInt32(pid), hello.token == "token-\(request)" else {
            throw ProbeProcess.Failed(description: "another worker connected: \(hello)")
        }
        return (pid, gateway)
    }

    /// Waits for the end of a worker.
    func exit(of pid: pid_t, within seconds: Double = 60) throws -> WorkerExit {
        guard case .exited(let exit)? = try next(within: seconds), exit.pid == pid else {
            throw ProbeProcess.Failed(description: "no exit of \(pid)")
        }
        return exit
    }

    /// Closes the control socket.
    func hangUp() { wire = nil }
}

func closeDescriptor(_ descriptor: CInt) { close(descriptor) }
