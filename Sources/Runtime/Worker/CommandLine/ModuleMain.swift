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
            run(worker, in: module)
        }
    }

    private static func run(_ worker: ModuleCommand.DirectWorker, in module: Module) -> Never {
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
            shopfn_exit_now(3)
        }
        serve(worker.identity, token: worker.token, socket: socket, signals: signals, in: module)
    }

    /// Is a worker until its end.
    static func serve(
        _ identity: WorkerIdentity,
        token: String,
        socket: CInt,
        signals: Signals,
        in module: Module
    ) -> Never {
        guard let definition = module.handler(named: identity.handler) else {
            let known = module.handlers.map(\.name).joined(separator: ", ")
            complain(module, "\(module.name) has no handler '\(identity.handler)'; it has \(known)")
            shopfn_exit_now(2)
        }
        Signals.ignore([SIGPIPE])
        shopfn_set_process_name(identity.function)
        do {
            let process = try WorkerProcess(
                identity: identity,
                definition: definition,
                socket: socket,
                signals: signals,
                report: module.report
            ) { ending in
                switch ending {
                case .drained, .gatewayGone: module.report(.debug, "worker ends: \(ending)")
                case .startFailed: break
                default: module.report(.error, "worker ends: \(ending)")
                }
                shopfn_exit_now(ending.exitCode)
            }
            process.run(token: token)
        } catch {
            module.report(.error, "\(error)")
            shopfn_exit_now(3)
        }
    }

    /// Tells the person at the terminal what is wrong.
    private static func complain(_ module: Module, _ message: String) {
        let line = Array("\(module.name): \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
