import ArgumentParser
import Gateway
import JSON
import Logging
import Manifest

/// `shopfn gateway`: the manifest's functions over HTTP, run by workers that connect from other machines.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Take HTTP for functions whose workers connect from other machines.",
        discussion: """
            Workers ('catalog --function list-products --gateway dns:///gateways:7070 …') and scalers connect to the \
            worker port and prove themselves with a secret of the token file, which may hold several, one a line. The \
            manifest, the token file and the certificate are taken up when they change. SIGTERM has /readyz answer \
            503, takes requests for the shutdown delay still, finishes what is under way, and exits.
            """
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var http: HTTPOptions
    @OptionGroup var admin: AdminOptions
    @OptionGroup var patience: PatienceOptions

    @Option(help: "The address of the port of workers and scalers.")
    var workerHost = "127.0.0.1"

    @Option(help: "The port of workers and scalers; 0 takes a free one.")
    var workerPort = 7070

    @Option(
        help: ArgumentHelp("The secrets of which a worker or scaler must say one, one a line.", valueName: "file"),
        completion: .file()
    )
    var tokenFile: String

    @Option(
        help: ArgumentHelp("The worker port's certificate chain, in PEM.", valueName: "file"),
        completion: .file()
    )
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, in PEM.", valueName: "file"), completion: .file())
    var tlsKey: String?

    @Flag(help: "Have no TLS on the worker port; secrets and requests can then be read on the way.")
    var plaintext = false

    @Option(
        help: ArgumentHelp("Seconds that requests are taken after SIGTERM, not being ready.", valueName: "seconds")
    )
    var shutdownDelay = 0.0

    @Option(help: ArgumentHelp("Seconds between two questions whether a peer is there.", visibility: .hidden))
    var pingInterval = 5.0

    func validate() throws {
        try AdminOptions.check(port: workerPort)
        guard (0...3_600).contains(shutdownDelay) else {
            throw ValidationError("--shutdown-delay is a number of seconds from 0 to 3600")
        }
        guard (0.01...3_600).contains(pingInterval) else {
            throw ValidationError("--ping-interval is a number of seconds from 0.01 to 3600")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together")
        }
        guard plaintext != (tlsCertificate != nil) else {
            throw ValidationError(
                plaintext
                    ? "--plaintext and --tls-certificate cannot stand together"
                    : "the worker port needs --tls-certificate and --tls-key, or --plaintext to go without TLS"
            )
        }
    }

    func run() async throws {
        CommandLog.begin()
        let logger = Logger(label: "shopfn")
        let format = output.output
        let options = manifest
        let loaded = try options.load(checksModules: false, format: format)
        let server = try await GatewayServer(loaded, settings, logger: logger)
        let reloading = ReloadService(
            load: { try options.load(checksModules: false, format: format) },
            apply: { try server.apply($0) },
            fingerprint: { server.fingerprint },
            whenReady: { announce(server, loaded) },
            logger: logger
        )
        try await server.run(reloading: reloading)
    }

    private var settings: GatewayServer.Settings {
        let (patience, ping) = (patience, pingInterval)
        return GatewayServer.Settings(
            host: http.host,
            port: http.port,
            adminHost: admin.adminHost,
            adminPort: admin.adminPort,
            workerHost: workerHost,
            workerPort: workerPort,
            tokenFile: tokenFile,
            certificate: tlsCertificate.flatMap { chain in tlsKey.map { (chain, $0) } },
            threads: http.threads,
            shutdownDelay: .seconds(shutdownDelay),
            adjust: { configuration in
                patience.apply(to: &configuration)
                configuration.workerPort?.pingInterval = .seconds(ping)
                configuration.workerPort?.silence = .seconds(ping * 3)
            }
        )
    }

    private func announce(_ server: GatewayServer, _ loaded: LoadedManifest) {
        let base = http.url(port: server.gateway.port)
        let admin = admin.url(port: server.admin.port)
        let workers = ListeningAddress.text(workerHost, server.gateway.workerPort ?? workerPort)
        if output.output == .json {
            Terminal.write(
                json: [
                    "url": .string(base), "admin": .string(admin), "workers": .string(workers),
                    "functions": .array(loaded.manifest.functions.map { FunctionReport.json($0) }),
                ]
            )
            return
        }
        Terminal.write(
            "\(loaded.manifest.service) answers at \(base)\n"
                + "workers and scalers: \(workers)\(plaintext ? ", without TLS" : "")\n"
                + "health, metrics, pools: \(admin)/readyz /metrics /api/pools\n"
        )
    }
}
