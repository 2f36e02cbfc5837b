import AdminPort
import Demand
import LocalLauncher
import Logging
import Manifest
import NIOPosix
import ServiceLifecycle
import Synchronization
import UnixSignals

/// What the programs that run beside gateways on a cluster have in common: the gateways' demand, the admin port, and the
/// manifest, which is taken up anew when its file changes.
struct ClusterHost: Sendable {
    let feed: DemandFeed
    let admin: AdminPort
    private let manifest: LoadedManifest
    private let adminHost: String
    private let adminPort: Int
    private let logger: Logger

    /// `answer` is what the admin port does.
    init(
        _ manifest: LoadedManifest,
        feed: DemandFeed,
        adminHost: String,
        adminPort: Int,
        logger: Logger,
        answer: @escaping AdminPort.Answerer
    ) {
        self.feed = feed
        self.manifest = manifest
        self.adminHost = adminHost
        self.adminPort = adminPort
        self.logger = logger
        admin = AdminPort(
            host: adminHost,
            port: adminPort,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: logger,
            answer: answer
        )
    }

    /// What a program adds, beside what all have.
    struct Part {
        /// Stopped after the rest: what the others still need at their end.
        var first: [any Service] = []
        /// Stopped before the rest, the last one first.
        var last: [any Service] = []
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - bound: How long everything may take to stop.
    ///   - load: Reads the manifest anew.
    ///   - apply: Puts it in force.
    ///   - whenReady: Called with the admin port once it listens and signals are heeded.
    ///   - part: What this program adds; it is given the manifest in force.
    /// - Throws: `CommandFailure` where the admin port cannot be listened on.
    func run(
        stoppingWithin bound: Duration = .seconds(10),
        load: @escaping @Sendable () throws -> LoadedManifest,
        apply: @escaping @Sendable (Manifest) async -> Void,
        whenReady: @escaping @Sendable (Int) -> Void,
        part: (@escaping @Sendable () -> Manifest) -> Part
    ) async throws {
        let (admin, path) = (admin, manifest.path)
        try await listen("admin-port", adminHost, adminPort) { try await admin.start() }
        let port = admin.port ?? adminPort
        let current = Mutex(manifest.manifest)
        var reloading = ReloadService(
            load: load,
            apply: { loaded in
                current.withLock { $0 = loaded.manifest }
                await apply(loaded.manifest)
            },
            whenReady: { whenReady(port) },
            logger: logger
        )
        reloading.fingerprint = { FileWatch.fingerprint(of: [path]) }
        let own = part { current.withLock { $0 } }
        let common: [any Service] = [Running("admin") { try await admin.run() }, reloading]
        var configuration = ServiceGroupConfiguration(
            services: [feed] + own.first + common + own.last,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = bound
        try await ServiceGroup(configuration: configuration).run()
    }
}
