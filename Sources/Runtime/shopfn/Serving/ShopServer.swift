import Gateway
import Glibc
import LocalLauncher
import Logging
import Manifest
import Scaling
import ServiceLifecycle
import Synchronization
import UnixSignals
import WorkerProtocol

/// A whole shop on this machine: gateway, workers, admin port, and a Valkey of its own where none is given.
final class ShopServer: Sendable {
    /// Where it listens and keeps its data.
    struct Settings: Sendable {
        var host: String
        var port: Int
        var adminHost: String
        var adminPort: Int
        /// A Valkey that is there already.
        var valkey: String?
        /// The folder of the private Valkey's data.
        var dataFolder: String
        /// The file of what the scaler has learned.
        var learnedFile: String
        /// Folders in which a Valkey server's program may be, besides those of `PATH`.
        var programFolders: [String]
        var threads: Int
        /// A file to which each minute's demand is appended.
        var demandLog: String?
        /// Changes what else the gateway is configured with.
        var adjust: @Sendable (inout GatewayConfiguration) -> Void = { _ in }
    }

    let gateway: Gateway
    let launcher: LocalLauncher
    let admin: AdminServer
    let valkey: PrivateValkey?
    private let schedules: ScheduleService
    private let learned: LearnedStateFile
    private let demandLog: DemandRecorder?
    private let manifest: Mutex<LoadedManifest>
    private let valkeyURL: String
    private let socketFolder: SocketFolder
    private let logger: Logger

    /// Starts everything; requests are answered when this returns.
    ///
    /// - Throws: `CommandFailure` that says which part could not be started.
    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) async throws {
        self.logger = logger
        self.manifest = Mutex(manifest)
        SocketFolder.removeStale()
        socketFolder = try SocketFolder()
        var configuration = GatewayConfiguration(
            host: settings.host,
            port: settings.port,
            workerSocket: socketFolder.socket,
            token: Self.makeToken()
        )
        configuration.threads = settings.threads
        settings.adjust(&configuration)
        let gateway = Gateway(configuration, logger: logger)
        self.gateway = gateway
        do {
            demandLog = try settings.demandLog.map { try DemandRecorder(path: $0, gateway: gateway, logger: logger) }
        } catch {
            await gateway.close()
            socketFolder.remove()
            throw Self.noDemandLog(error)
        }
        learned = LearnedStateFile(path: settings.learnedFile)
        let (states, problem) = learned.load()
        if let problem { logger.warning("what the scaler had learned is lost in part or whole: \(problem)") }
        let launcher = try await LocalLauncher(gateway: gateway, learned: states.pools, logger: logger)
        self.launcher = launcher
        schedules = ScheduleService(duty: GatewayDuty(gateway: gateway), logger: logger)
        admin = AdminServer(
            gateway: gateway,
            host: settings.adminHost,
            port: settings.adminPort,
            logger: logger,
            reports: { await launcher.reports() }
        )
        do {
            if let url = settings.valkey {
                valkey = nil
                valkeyURL = url
            } else {
                let server = try PrivateValkey(
                    folder: settings.dataFolder,
                    loop: gateway.eventLoop,
                    search: settings.programFolders,
                    logger: logger
                )
                valkey = server
                valkeyURL = server.url
                try await server.start()
            }
        } catch {
            await gateway.close()
            socketFolder.remove()
            throw Self.noValkey(error)
        }
        do {
            try await start(manifest, settings)
        } catch {
            await close()
            throw error
        }
    }

    private func start(_ manifest: LoadedManifest, _ settings: Settings) async throws {
        try await listen("admin-port", settings.adminHost, settings.adminPort) { try await admin.start() }
        // Routes first: whoever finds the port open must not find it without them.
        _ = try gateway.pools.apply(try plan(manifest).functions)
        try await listen("port", settings.host, settings.port) { try await gateway.start() }
        try await apply(manifest)
    }

    /// Puts a manifest in force, or its changes.
    func apply(_ manifest: LoadedManifest) async throws {
        let plan = try plan(manifest)
        _ = try gateway.pools.apply(plan.functions)
        try await launcher.apply(plan.launch)
        schedules.update(manifest.manifest)
        self.manifest.withLock { $0 = manifest }
    }

    private func plan(_ manifest: LoadedManifest) throws -> ServePlan {
        var modules: [String: ModuleFile] = [:]
        for name in manifest.manifest.modules {
            guard let path = manifest.executable(of: name), let file = ModuleFile(name: name, at: path) else {
                continue
            }
            modules[name] = file
        }
        let variables = [Spawn.Variable("VALKEY_URL", valkeyURL)]
        return try ServePlan(manifest.manifest, modules: modules, environment: variables)
    }

    /// Changes when the manifest in force or an executable of its modules does.
    var fingerprint: String {
        let manifest = manifest.withLock { $0 }
        let paths = [manifest.path] + manifest.manifest.modules.compactMap { manifest.executable(of: $0) }
        return paths.map { ModuleFile(name: "", at: $0)?.identity ?? "missing" }.joined(separator: " ")
    }

    /// Serves until SIGTERM or SIGINT, then finishes what is under way.
    func run(reloading: ReloadService) async throws {
        let drain = gateway.configuration.drainTimeout
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let valkey { services.append(.init(service: Running("valkey") { try await valkey.run() })) }
        let launcher = launcher
        services.append(
            .init(
                service: Running("workers") {
                    try? await gracefulShutdown()
                    await launcher.stop(within: drain)
                }
            )
        )
        let (admin, gateway) = (admin, gateway)
        services.append(.init(service: Running("admin") { try await admin.run() }))
        // Stopped after the gateway, so that its last minute is whole.
        if let demandLog { services.append(.init(service: Running("demand log") { try await demandLog.run() })) }
        services.append(.init(service: reloading))
        services.append(.init(service: schedules))
        let floors = FloorService(
            manifest: { self.manifest.withLock { $0.manifest } },
            take: { await launcher.schedule($0) }
        )
        services.append(.init(service: floors))
        services.append(.init(service: Running("gateway") { try await gateway.run() }))
        // Stopped first, so that it saves whatever becomes of the others.
        services.append(.init(service: LearnedStateService(launcher: launcher, file: learned, logger: logger)))
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = drain * 2 + .seconds(10)
        do {
            try await ServiceGroup(configuration: configuration).run()
            await close()
        } catch {
            await close()
            throw error
        }
    }

    private func close() async {
        await launcher.stop(within: .seconds(2))
        await valkey?.stop()
        await admin.stop()
        await gateway.close()
        socketFolder.remove()
    }

    // MARK: Parts

    /// 128 bits from the system's generator.
    private static func makeToken() -> String {
        (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined(separator: "-")
    }

    static func noValkey(_ error: any Error) -> CommandFailure {
        CommandFailure(
            .unreachable,
            code: "no-valkey",
            "no private Valkey: \(error)",
            fix: (error as? PrivateValkey.Failure)?.fix ?? "name a server with --valkey URL"
        )
    }

    private static func noDemandLog(_ error: any Error) -> CommandFailure {
        CommandFailure(
            .wrongUsage,
            code: "no-demand-log",
            "\(error)",
            fix: "name another file with --demand-log, in a folder that is there"
        )
    }
}
