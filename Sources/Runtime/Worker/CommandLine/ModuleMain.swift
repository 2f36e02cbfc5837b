import CShims
import Glibc
import Peering

/// The main function of a module's executable.
package enum ModuleMain {
    /// Does what the command line says and exits.
    ///
    /// It runs before anything else in the process and starts no thread before it knows that it is a worker: a
    /// template must have one thread only.
    package static func run(_ module: Module, arguments: [String]) -> Never {
        // What a handler prints is a log like any other.
        shopfn_line_buffer_output()
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
            case .remote(let settings):
                serve(worker.identity, settings, signals: signals, in: module)
            case .socket(let gateway):
                socket = try gateway.connect()
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

    /// Is a worker of gateways on other machines until its end.
    private static func serve(
        _ identity: WorkerIdentity,
        _ settings: RemoteSettings,
        signals: Signals,
        in module: Module
    ) -> Never {
        let definition = definition(identity, in: module)
        do throws(TokenFileError) {
            // What cannot work at all is told at once, and not again and again.
            _ = try TokenFile.tokens(settings.tokenFile)
        } catch {
            complain(module, "\(error); --token-file names the file with the gateways' shared secret")
            shopfn_exit_now(2)
        }
        do throws(SystemError) {
            _ = try settings.authorities.map { (file) throws(SystemError) in try Authorities(file: file) }
        } catch {
            complain(module, "\(error); --ca names a PEM file of certificate authorities")
            shopfn_exit_now(2)
        }
        Signals.ignore([SIGPIPE])
        shopfn_set_process_name(identity.function)
        do throws(SystemError) {
            let worker = try RemoteWorker(
                identity: identity,
                definition: definition,
                settings: settings,
                signals: signals,
                report: module.report
            ) { ending in
                switch ending {
                case .drained: module.report(.info, "worker ends: \(ending)")
                case .startFailed: break
                default: module.report(.error, "worker ends: \(ending)")
                }
                shopfn_exit_now(ending.exitCode)
            }
            worker.run()
        } catch {
            module.report(.error, "\(error)")
            shopfn_exit_now(3)
        }
    }

    private static func definition(_ identity: WorkerIdentity, in module: Module) -> HandlerDefinition {
        guard let definition = module.handler(named: identity.handler) else {
            let known = module.handlers.map(\.name).joined(separator: ", ")
            complain(module, "\(module.name) has no handler '\(identity.handler)'; it has \(known)")
            shopfn_exit_now(2)
        }
        return definition
    }

    /// Is a worker until its end.
    static func serve(
        _ identity: WorkerIdentity,
        token: String,
        socket: CInt,
        signals: Signals,
        in module: Module
    ) -> Never {
        let definition = definition(identity, in: module)
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
