/// The command line is wrong.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What a module's executable is asked to do (a contract with launchers and `shopfn`).
enum ModuleCommand: Equatable {
    /// `--describe`: print one JSON line about the module.
    case describe
    /// `--template`: fork workers as the control socket, descriptor 3, says.
    case template
    /// `--function NAME --handler H …`: be one worker.
    case worker(DirectWorker)
    /// `--help`
    case help

    /// A worker started by itself, not by a template.
    struct DirectWorker: Equatable {
        enum Way: Equatable {
            case address(GatewayAddress)
            /// A connected socket that was inherited.
            case descriptor(Int32)
        }

        var identity: WorkerIdentity
        var token: String
        var way: Way
    }

    static let usage = """
        usage: MODULE --describe
               MODULE --template                 (control socket on descriptor 3)
               MODULE --function NAME --handler HANDLER (--gateway unix:///PATH | --fd N)
                      [--worker-id ID] [--token TOKEN] [--revision REVISION] [--concurrency N]
        """

    /// Reads the arguments, the program's name left out.
    init(_ arguments: [String], processID: Int32) throws(UsageError) {
        var options: [String: String] = [:]
        var mode: ModuleCommand?
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            switch argument {
            case "--describe": mode = .describe
            case "--template": mode = .template
            case "--help", "-h": mode = .help
            case "--function", "--handler", "--gateway", "--fd", "--worker-id", "--token", "--revision",
                "--concurrency":
                guard index < arguments.count else { throw UsageError("\(argument) needs a value") }
                guard options.updateValue(arguments[index], forKey: argument) == nil else {
                    throw UsageError("\(argument) is given twice")
                }
                index += 1
            default:
                throw UsageError("unknown argument '\(argument)'\n\(Self.usage)")
            }
        }
        if let mode {
            guard options.isEmpty else {
                throw UsageError(
                    "\(options.keys.sorted().joined(separator: ", ")) cannot stand beside it\n\(Self.usage)"
                )
            }
            self = mode
            return
        }
        self = .worker(try Self.worker(options, processID: processID))
    }

    private static func worker(_ options: [String: String], processID: Int32) throws(UsageError) -> DirectWorker {
        guard let function = options["--function"], !function.isEmpty else {
            throw UsageError("--function NAME is missing\n\(usage)")
        }
        guard let handler = options["--handler"], !handler.isEmpty else {
            throw UsageError("--handler HANDLER is missing\n\(usage)")
        }
        let way: DirectWorker.Way
        switch (options["--gateway"], options["--fd"]) {
        case (let gateway?, nil):
            way = .address(try GatewayAddress(gateway))
        case (nil, let text?):
            guard let descriptor = Int32(text), descriptor >= 0 else {
                throw UsageError("--fd '\(text)' is no descriptor's number")
            }
            way = .descriptor(descriptor)
        case (nil, nil):
            throw UsageError("--gateway unix:///PATH or --fd N is missing\n\(usage)")
        default:
            throw UsageError("--gateway and --fd cannot stand together")
        }
        let text = options["--concurrency"] ?? "1"
        guard let concurrency = UInt16(text), concurrency > 0 else {
            throw UsageError("--concurrency '\(text)' is not a whole number from 1 to 65535")
        }
        let identity = WorkerIdentity(
            workerID: options["--worker-id"] ?? "\(function)-\(processID)",
            function: function,
            handler: handler,
            revision: options["--revision"] ?? "",
            concurrency: concurrency
        )
        return DirectWorker(identity: identity, token: options["--token"] ?? "", way: way)
    }
}
