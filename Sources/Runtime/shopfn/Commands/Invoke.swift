import ArgumentParser
import Events
import Glibc
import JSON
import LocalLauncher
import Logging
import Manifest
import NIOPosix
import Routing
import Time
import WorkerProtocol

/// `shopfn invoke`: one function with one event.
struct InvokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoke",
        abstract: "Run one function with one event and print its response.",
        discussion: """
            The event is an API Gateway HTTP API event, payload 2.0 or 1.0, from a file or standard input, or made of \
            --method, --path, --data, --header and --query. No gateway is needed; with --gateway the request goes \
            through one. The response's body goes to standard output, logs to standard error.
            """
    )

    @Argument(help: "The function's name.", completion: FunctionNameCompletion.kind)
    var name: String

    @Option(help: ArgumentHelp("A file with the event in JSON, or - for standard input.", valueName: "file"))
    var event: String?

    @OptionGroup var request: RequestOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Send the request through the gateway at this address.", valueName: "url"))
    var gateway: String?

    @Option(
        help: ArgumentHelp("The Valkey the function uses; by default VALKEY_URL, else a private one.", valueName: "url")
    )
    var valkey: String?

    @Option(help: ArgumentHelp("Where the private Valkey keeps its data.", valueName: "folder"))
    var state: String?

    @Flag(help: "Print the whole response as payload 2.0 JSON.")
    var full = false

    func run() async throws {
        CommandLog.begin()
        // Of the modules only the function's own matters here, and its worker says what is wrong with it.
        let loaded = try manifest.load(checksModules: false, format: output.output)
        let function = try loaded.function(named: name)
        if gateway != nil, function.trigger.route == nil {
            throw CommandFailure(
                .wrongUsage,
                code: "no-route",
                "'\(name)' has no route: a gateway invokes it by its schedule, \(FunctionReport.trigger(function))",
                fix: "leave --gateway out to run it here and now"
            )
        }
        let event = try readEvent(for: function)
        // A gateway answers 413 for itself.
        guard gateway != nil || event.body.count <= function.maxBody else {
            throw CommandFailure(
                .wrongUsage,
                code: "body-too-large",
                "the body has \(event.body.count) bytes, and '\(name)' takes \(function.maxBody) at most",
                fix: "send less, or raise its maxBody in \(ManifestOptions.fileName)"
            )
        }
        let response =
            if let gateway {
                try await GatewayInvocation(base: gateway).invoke(event, timeout: function.timeout)
            } else {
                try await invokeHere(function, event, loaded)
            }
        if full || output.output == .json {
            Terminal.write(json: response.json)
        } else {
            // Before the body, which may end without a line break.
            if response.status >= 400 { Terminal.writeError("'\(name)' answered \(response.status)\n") }
            Terminal.writeBody(response.body)
        }
        if gateway != nil, Self.isPassedDeadline(response) { throw ExitCode(ExitStatus.deadlinePassed.rawValue) }
        if response.status >= 500 { throw ExitCode(ExitStatus.functionFailed.rawValue) }
    }

    /// Whether a gateway says that the deadline passed; a function's own 504 is its answer.
    private static func isPassedDeadline(_ response: HTTPEventResponse) -> Bool {
        guard response.status == 504, let problem = try? JSONValue(parsing: response.body) else { return false }
        return problem["type"]?.stringValue == "urn:shopfn:problem:deadline-passed"
    }

    // MARK: Event

    private func readEvent(for function: FunctionDeclaration) throws -> HTTPEvent {
        guard let event else {
            guard let route = function.trigger.route else { return try request.event(defaultMethod: "POST") }
            let method = route.method == .any ? nil : "\(route.method)"
            let made = try request.event(defaultMethod: method, defaultPath: route.path)
            let example = "--path \(route.samplePath)"
            if request.path == nil, !route.parameterNames.isEmpty {
                throw CommandFailure(
                    .wrongUsage,
                    code: "usage",
                    "the route of '\(name)' has parameters: \(route.path)",
                    fix: "say which path, as in \(example)"
                )
            }
            guard route.parameters(ofPath: made.path) != nil else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "usage",
                    "no request of the path '\(made.path)' reaches '\(name)': its route is \(route)",
                    fix: "write as in \(example); an event of --event may have any path"
                )
            }
            return made
        }
        guard !request.isGiven else {
            throw CommandFailure(
                .wrongUsage,
                code: "usage",
                "--event and a request's own options were both given",
                fix: "give either the event, or --method, --path, --data, --header and --query"
            )
        }
        do {
            let limit = 64 << 20
            let bytes =
                event == "-"
                ? try FileSystem.read(STDIN_FILENO, upTo: limit) : try FileSystem.read(event, upTo: limit)
            return try HTTPEvent(json: JSONValue(parsing: bytes))
        } catch let failure as FileSystem.Failure {
            throw wrongEvent(
                event,
                "can not be read: \(failure.reason)",
                fix: "name a readable file, or - for standard input"
            )
        } catch let error as JSONParseError {
            throw wrongEvent(event, "is no JSON: \(error)", fix: "'shopfn events http' prints an event")
        } catch let error as EventError {
            throw wrongEvent(event, "is no event: \(error.message)", fix: error.fix)
        }
    }

    private func wrongEvent(_ name: String, _ message: String, fix: String) -> CommandFailure {
        let source = name == "-" ? "standard input" : name
        return CommandFailure(.wrongUsage, code: "wrong-event", "\(source) \(message)", fix: fix)
    }

    // MARK: Running

    private func invokeHere(
        _ function: FunctionDeclaration,
        _ event: HTTPEvent,
        _ loaded: LoadedManifest
    ) async throws -> HTTPEventResponse {
        let locator = ModuleLocator(chosen: manifest.modules, manifestFolder: loaded.folder)
        guard let executable = locator.path(of: function.module) else {
            throw CommandFailure(
                .wrongUsage,
                code: "module-not-built",
                "the module '\(function.module)' is not built",
                fix: "build it with 'swift build -c release'"
            )
        }
        let server = try await valkeyServer(loaded)
        do {
            let response = try Self.run(function, event, executable, valkey: server.url)
            await server.server?.stop()
            return response
        } catch {
            await server.server?.stop()
            throw failure(error, function)
        }
    }

    private func valkeyServer(_ loaded: LoadedManifest) async throws -> (url: String, server: PrivateValkey?) {
        if let url = try ValkeyChoice.url(valkey) { return (url, nil) }
        do {
            let server = try PrivateValkey(
                folder: StateFolder.valkey(state, manifestFolder: loaded.folder),
                loop: MultiThreadedEventLoopGroup.singleton.next(),
                search: StateFolder.programs(manifestFolder: loaded.folder),
                logger: Logger(label: "shopfn")
            )
            try await server.start()
            return (server.url, server)
        } catch {
            throw ShopServer.noValkey(error)
        }
    }

    private static func run(
        _ function: FunctionDeclaration,
        _ event: HTTPEvent,
        _ executable: String,
        valkey: String
    ) throws(WorkerSession.Failure) -> HTTPEventResponse {
        var session = try WorkerSession(
            function,
            executable: executable,
            environment: [EnvironmentVariable(name: "VALKEY_URL", value: valkey)]
        )
        defer { session.end() }
        return try session.invoke(InvokeMessage(event, for: function))
    }

    private func failure(_ error: any Error, _ function: FunctionDeclaration) -> any Error {
        guard let failure = error as? WorkerSession.Failure else { return error }
        switch failure {
        case .notStarted(let reason):
            return CommandFailure(
                .functionFailed,
                code: "cannot-start",
                "a worker of '\(name)' can not be started: \(reason)",
                fix: "the log above may say more"
            )
        case .deadlinePassed:
            return CommandFailure(
                .deadlinePassed,
                code: "deadline-passed",
                "'\(name)' did not answer within its timeout of \(DurationText.text(function.timeout))",
                fix: "raise its timeout in \(ManifestOptions.fileName), or find what it waits for"
            )
        case .died(let how):
            return CommandFailure(
                .functionFailed,
                code: "worker-died",
                "the worker of '\(name)' \(how)",
                fix: "the log above may say more"
            )
        case .failed(let reason):
            return CommandFailure(
                .functionFailed,
                code: "handler-failed",
                "'\(name)' failed: \(reason)",
                fix: "the log above may say more"
            )
        }
    }
}
