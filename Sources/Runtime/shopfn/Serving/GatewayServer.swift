import Gateway
import Logging
import Manifest
import Peering
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A gateway by itself: its workers and scalers connect from other machines.
final class GatewayServer: Sendable {
    /// Where it listens, and how its peers prove themselves.
    struct Settings: Sendable {
        var host: String
        var port: Int
        var adminHost: String
        var adminPort: Int
        var workerHost: String
        var workerPort: Int
        var tokenFile: String
        /// Certificate chain and private key; `nil` for no TLS.
        var certificate: (chain: String, key: String)?
        var threads: Int
        var shutdownDelay: Duration
        /// Changes what else the gateway is configured with.
        var adjust: @Sendable (inout GatewayConfiguration) -> Void
    }

    let gateway: Gateway
    let admin: AdminServer
    private let settings: Settings
    private let certificate: PortCertificate?
    private let manifest: Mutex<LoadedManifest>
    private let logger: Logger

    /// Starts everything; requests are taken when this returns.
    ///
    /// - Throws: `CommandFailure` that says which part could not be started.
    init(_ manifest: LoadedManifest, _ settings: Settings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        self.manifest = Mutex(manifest)
        certificate = try settings.certificate.map(Self.certificate)
        let workerPort = WorkerPort(host: settings.workerHost, port: settings.workerPort, certificate: certificate)
        var configuration = GatewayConfiguration(
            host: settings.host,
            port: settings.port,
            workerPort: workerPort,
            tokens: try Self.tokens(settings.tokenFile)
        )
        configuration.threads = settings.threads
        configuration.shutdownDelay = settings.shutdownDelay
        settings.adjust(&configuration)
        let gateway = Gateway(configuration, logger: logger)
        self.gateway = gateway
        admin = AdminServer(
            gateway: gateway,
            host: settings.adminHost,
            port: settings.adminPort,
            logger: logger,
            reports: { gateway.scalers.reports(gateway.pools.pools) }
        )
        do {
            try await start(manifest)
        } catch {
            await admin.stop()
            await gateway.close()
            throw error
        }
    }

    private func start(_ manifest: LoadedManifest) async throws {
        try await listen("admin-port", settings.adminHost, settings.adminPort) { try await admin.start() }
        try apply(manifest)
        try await listen("port or --worker-port", settings.host, settings.port) { try await gateway.start() }
    }

    /// Puts a manifest in force, or its changes.
    func apply(_ manifest: LoadedManifest) throws {
        let functions = manifest.manifest.functions
        _ = try gateway.pools.apply(functions.map { PoolFunction(remote: $0) })
        let scheduled = functions.filter { $0.trigger.route == nil }.map(\.name)
        if !scheduled.isEmpty {
            logger.info("an autoscaler or scheduler has to keep the schedules of \(scheduled.joined(separator: ", "))")
        }
        self.manifest.withLock { $0 = manifest }
    }

    /// Changes when the manifest in force does.
    var fingerprint: String {
        FileWatch.fingerprint(of: [manifest.withLock { $0.path }])
    }

    /// Serves until SIGTERM or SIGINT, then finishes what is under way.
    func run(reloading: ReloadService) async throws {
        let (admin, gateway) = (admin, gateway)
        let services: [any Service] = [
            Running("admin") { try await admin.run() },
            reloading,
            secrets,
            Running("gateway") { try await gateway.run() },
        ]
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        let drain = gateway.configuration.drainTimeout
        configuration.maximumGracefulShutdownDuration = settings.shutdownDelay + drain + .seconds(10)
        do {
            try await ServiceGroup(configuration: configuration).run()
            await gateway.close()
        } catch {
            await gateway.close()
            throw error
        }
    }

    // MARK: Secrets

    /// Takes up secrets and certificates that were replaced.
    private var secrets: FileWatch {
        let files = [settings.tokenFile] + (settings.certificate.map { [$0.chain, $0.key] } ?? [])
        return FileWatch(description: "secrets", paths: files) {
            do {
                self.gateway.pools.accept(tokens: try TokenFile.tokens(self.settings.tokenFile))
                if let (chain, key) = self.settings.certificate { try self.certificate?.reload(chain: chain, key: key) }
                self.logger.info("secrets and certificates reloaded")
            } catch {
                // Of two files that belong together one may be written first; the other's change comes here again.
                self.logger.error("secrets stay as they are: \(error)")
            }
        }
    }

    private static func tokens(_ path: String) throws -> [String] {
        do {
            return try TokenFile.tokens(path)
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "no-token",
                "\(error)",
                fix: "name a file with a secret a line, the same for workers and scalers, with --token-file"
            )
        }
    }

    private static func certificate(_ files: (chain: String, key: String)) throws -> PortCertificate {
        do {
            return try PortCertificate(chain: files.chain, key: files.key)
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "no-certificate",
                "\(files.chain) and \(files.key) are no certificate with its key: \(error)",
                fix: "name PEM files that belong together with --tls-certificate and --tls-key"
            )
        }
    }
}
