import CShims
import Glibc
import WorkerProtocol

/// The first steps of a process just forked from a template, up to being a plain worker.
enum ForkedWorker {
    static func run(_ spawn: Spawn, in module: Module, parent: Int32, inherited: [CInt]) -> Never {
        // A worker whose template dies leaves in good order. The template may have died before the request.
        shopfn_set_parent_death_signal(SIGTERM)
        guard getppid() == parent else { shopfn_exit_now(1) }
        for descriptor in inherited { close(descriptor) }
        Signals.reset([SIGCHLD])
        for variable in spawn.environment { setenv(variable.name, variable.value, 1) }
        MemoryLimit.apply(spawn.memoryLimit)
        let signals: Signals
        let socket: CInt
        do {
            signals = try Signals([SIGTERM])
            socket = try UnixGateway(spawn.gateway).connect()
        } catch {
            module.report(.error, "\(spawn.function): \(error)")
            shopfn_exit_now(error is UsageError ? 2 : 3)
        }
        let identity = WorkerIdentity(
            workerID: spawn.workerID,
            function: spawn.function,
            handler: spawn.handler,
            revision: spawn.revision,
            concurrency: spawn.concurrency
        )
        ModuleMain.serve(identity, token: spawn.token, socket: socket, signals: signals, in: module)
    }
}

/// How many threads this process has.
enum ThreadCount {
    /// Counted by the kernel: the links of `/proc/self/task` are its entries and two.
    static func current() -> Int {
        var status = stat()
        guard stat("/proc/self/task", &status) == 0 else { return -1 }
        return Int(status.st_nlink) - 2
    }
}
