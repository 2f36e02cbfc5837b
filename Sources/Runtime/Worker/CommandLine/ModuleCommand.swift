import Glibc
import Peering

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
            case socket(UnixGateway)
            /// Gateways over the network.
            case remote(RemoteSettings)
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
               MODULE --function NAME [--handler HANDLER] --gateway (dns:///NAME:PORT | HOST:PORT)[,…]
                      --token-file FILE (--ca FILE [--server-name NAME] | --plaintext)
                      [--worker-id ID] [--revision REVISION] [--concurrency N] [--grace SECONDS]

        Over the network a worker connects to every gateway, each address behind a dns:/// name being one. Without
        --handler it is the handler named as the function in CamelCase; without --concurrency it runs 32 invocations
        at a time; without --worker-id its name is HOSTNAME's. SIGTERM has it finish and exit within the grace (25 s).
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
            case "--plaintext": options[argument] = ""
            case "--function", "--handler", "--gateway", "--fd", "--worker-id", "--token", "--revision",
                "--concurrency", "--token-file", "--ca", "--server-name", "--grace":
                guard index < arguments.count else { throw UsageError("\(argument) needs a value") }
                if let former = options.updateValue(arguments[index], forKey: argument) {
                    // Several gateways are as good as a list of them.
                    guard argument == "--gateway" else { throw UsageError("\(argument) is given twice") }
                    options[argument] = former + "," + arguments[index]
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
        let way = try way(options)
        var isRemote = false
        if case .remote = way { isRemote = true }
        let handler = options["--handler"] ?? (isRemote ? camelCase(function) : "")
        guard !handler.isEmpty else { throw UsageError("--handler HANDLER is missing\n\(usage)") }
        let text = options["--concurrency"] ?? (isRemote ? "\(remoteConcurrency)" : "1")
        guard let concurrency = UInt16(text), concurrency > 0 else {
            throw UsageError("--concurrency '\(text)' is not a whole number from 1 to 65535")
        }
        let host = isRemote ? getenv("HOSTNAME").map { String(cString: $0) } : nil
        let identity = WorkerIdentity(
            workerID: options["--worker-id"] ?? host ?? "\(function)-\(processID)",
            function: function,
            handler: handler,
            revision: options["--revision"] ?? "",
            concurrency: concurrency
        )
        return DirectWorker(identity: identity, token: options["--token"] ?? "", way: way)
    }

    /// What the manifest gives a function that says nothing of it.
    private static let remoteConcurrency = 32

    private static func way(_ options: [String: String]) throws(UsageError) -> DirectWorker.Way {
        switch (options["--gateway"], options["--fd"]) {
        case (let gateway?, nil):
            if gateway.hasPrefix(UnixGateway.scheme) {
                try refuse(["--token-file", "--ca", "--plaintext", "--server-name", "--grace"], in: options)
                return .socket(try UnixGateway(gateway))
            }
            return .remote(try remote(gateway, options))
        case (nil, let text?):
            guard let descriptor = Int32(text), descriptor >= 0 else {
                throw UsageError("--fd '\(text)' is no descriptor's number")
            }
            return .descriptor(descriptor)
        case (nil, nil):
            throw UsageError("--gateway unix:///PATH, dns:///NAME:PORT or HOST:PORT, or --fd N, is missing\n\(usage)")
        default:
            throw UsageError("--gateway and --fd cannot stand together")
        }
    }

    private static func remote(_ gateway: String, _ options: [String: String]) throws(UsageError) -> RemoteSettings {
        let gateways: [GatewayAddress]
        do {
            gateways = try GatewayAddress.list(gateway)
        } catch {
            throw UsageError("--gateway \(error); for one of this machine, unix:///PATH")
        }
        try refuse(["--token"], in: options)
        guard let tokenFile = options["--token-file"] else {
            throw UsageError("--token-file FILE is missing: the gateways' port asks for a shared secret")
        }
        let isPlain = options["--plaintext"] != nil
        guard isPlain != (options["--ca"] != nil) else {
            throw UsageError(
                isPlain
                    ? "--ca and --plaintext cannot stand together"
                    : "--ca FILE is missing: the authority of the gateways' certificates; --plaintext goes without TLS"
            )
        }
        if isPlain { try refuse(["--server-name"], in: options) }
        var settings = RemoteSettings(gateways: gateways, tokenFile: tokenFile, authorities: options["--ca"])
        settings.serverName = options["--server-name"]
        if let text = options["--grace"] {
            guard let seconds = Double(text), (0...86_400).contains(seconds) else {
                throw UsageError("--grace '\(text)' is not a number of seconds from 0 to 86400")
            }
            settings.grace = .seconds(seconds)
        }
        return settings
    }

    private static func refuse(_ names: [String], in options: [String: String]) throws(UsageError) {
        for name in names where options[name] != nil {
            throw UsageError("\(name) does not go with this kind of --gateway\n\(usage)")
        }
    }

    /// `list-products` as a type is named: `ListProducts`.
    private static func camelCase(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
