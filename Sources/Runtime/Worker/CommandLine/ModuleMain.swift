import CShims
import Glibc

/// The main function of a module's executable.
package enum ModuleMain {
    /// Does what the command line says and exits.
    ///
    /// It runs before anything else in the process and starts no thread before it knows that it is a worker: a
    /// template must have one thread only.
    package static func run(_ module: Module, arguments: [String]) -> Never {
        let command: ModuleCommand
        do {
            command = try ModuleCommand(Array(arguments.dropFirst()), processID: getpid())
        } catch {
            complain(module, "\(error)")
            shopfn_exit_now(2)
        }
        switch command {
        case .describe:
            print(ModuleDescription.json(module))
            shopfn_exit_now(0)
        case .help:
            print(ModuleCommand.usage)
            shopfn_exit_now(0)
        case .template:
            shopfn_exit_now(Template.run(module, control: 3))
        case .worker(let worker):
            shopfn_exit_now(run(worker, in: module))
        }
    }

    private static func run(_ worker: ModuleCommand.DirectWorker, in module: Module) -> Int32 {
        let signals: Signals
        let socket: CInt
        do {
            signals = try Signals([SIGTERM, SIGINT])
            switch worker.way {
            case .address(let address):
                socket = try address.connect()
            case .descriptor(let descriptor):
                guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemError("--fd \(descriptor)") }
                socket = descriptor
            }
        } catch {
            complain(module, "\(error)")
            return 3
        }
        return serve(worker.identity, token: worker.token, socket: socket, signals: signals, in: module)
    }

    /// Is a worker until its end; returns the exit code.
    static func serve(
        _ identity: WorkerIdentity,
        token: String,
        socket: CInt,
        signals: Signals,
        in module: Module
    ) -> Int32 {
        guard let definition = module.handler(named: identity.handler) else {
            let known = module.handlers.map(\.name).joined(separator: ", ")
            complain(module, "\(module.name) has no handler '\(identity.handler)'; it has \(known)")
            return 2
        }
        Signals.ignore([SIGPIPE])
        shopfn_set_process_name(identity.function)
        do {
            var process = try WorkerProcess(
                identity: identity,
                definition: definition,
                socket: socket,
                signals: signals,
                report: module.report
            )
            let ending = process.run(token: token)
            switch ending {
            case .drained, .gatewayGone: module.report(.debug, "worker ends: \(ending)")
            case .startFailed: break
            default: module.report(.error, "worker ends: \(ending)")
            }
            return ending.exitCode
        } catch {
            module.report(.error, "\(error)")
            return 3
        }
    }

    /// Tells the person at the terminal what is wrong.
    private static func complain(_ module: Module, _ message: String) {
        let line = Array("\(module.name): \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
