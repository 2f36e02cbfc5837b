import ArgumentParser
import Gateway
import Glibc
import JSON
import LocalLauncher
import Logging
import Manifest

/// `shopfn serve`: the manifest's functions behind a gateway on this machine.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the manifest's functions over HTTP on this machine.",
        discussion: """
            Each route has its own pool of worker processes, from none to the most its scale allows. SIGHUP takes up a \
            changed manifest or rebuilt modules; SIGTERM and Ctrl-C finish what is under way and end everything.

            What it and the functions log goes to standard error, with SHOPFN_LOG_LEVEL=debug each decision of the scaler \
            too, and with SHOPFN_LOG_FORMAT=json as one JSON object a line.
            """
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var http: HTTPOptions
    @OptionGroup var admin: AdminOptions
    @OptionGroup var patience: PatienceOptions

    @Option(
        help: ArgumentHelp(
            "The Valkey the functions share; by default that of VALKEY_URL, else a private one.",
            valueName: "url"
        )
    )
    var valkey: String?

    @Option(
        help: ArgumentHelp(
            "Where the private Valkey's data and what the scaler has learned are kept; by default .shopfn beside the "
                + "manifest.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var state: String?

    @Option(
        help: ArgumentHelp(
            "Append each minute's invocations and durations of every function to a file, for 'shopfn simulate --from'.",
            valueName: "file"
        ),
        completion: .file()
    )
    var demandLog: String?

    @Flag(help: "Take up a changed manifest or rebuilt modules by itself.")
    var watch = false

    func run() async throws {
        CommandLog.begin()
        let logger = Logger(label: "shopfn")
        // For manifests with functions that call others; one that is set already stands.
        if http.port != 0 { setenv("GATEWAY_URL", "http://\(Self.reachable(http.host)):\(http.port)", 0) }
        let loaded = try manifest.load(format: output.output)
        let server = try await ShopServer(loaded, try settings(loaded), logger: logger)
        let options = manifest
        let format = output.output
        var reloading = ReloadService(
            load: { try options.load(format: format) },
            apply: { try await server.apply($0) },
            whenReady: { announce(server, loaded) },
            logger: logger
        )
        if watch { reloading.fingerprint = { server.fingerprint } }
        try await server.run(reloading: reloading)
    }

    /// Where workers on this machine reach the gateway that listens on an address.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "::", "localhost": "127.0.0.1"
        default: ListeningAddress.bracketed(host)
        }
    }

    private func settings(_ loaded: LoadedManifest) throws -> ShopServer.Settings {
        let folder = loaded.folder
        let patience = patience
        return ShopServer.Settings(
            host: http.host,
            port: http.port,
            adminHost: admin.adminHost,
            adminPort: admin.adminPort,
            valkey: try ValkeyChoice.url(valkey),
            dataFolder: StateFolder.valkey(state, manifestFolder: folder),
            learnedFile: StateFolder.learned(state, manifestFolder: folder),
            programFolders: StateFolder.programs(manifestFolder: folder),
            threads: http.threads,
            demandLog: demandLog,
            adjust: { patience.apply(to: &$0) }
        )
    }

    private func announce(_ server: ShopServer, _ loaded: LoadedManifest) {
        let base = http.url(port: server.gateway.port)
        let admin = admin.url(port: server.admin.port)
        let data = server.valkey?.folder
        let valkeyURL = server.valkey?.url
        if output.output == .json {
            Terminal.write(
                json: [
                    "url": .string(base),
                    "admin": .string(admin),
                    "valkeyData": data.map { .string($0) } ?? .null,
                    "functions": .array(loaded.manifest.functions.map { FunctionReport.json($0) }),
                ]
            )
            return
        }
        var table = Table("ROUTE", "FUNCTION")
        for function in loaded.manifest.functions {
            table.add(FunctionReport.trigger(function), function.name)
        }
        var text = "\(loaded.manifest.service) answers at \(base)\n\n\(table.text)\n"
        text += "health, metrics, pools: \(admin)/readyz /metrics /api/pools, or 'shopfn pools'\n"
        if let data, let valkeyURL { text += "private Valkey: \(valkeyURL), data in \(data)\n" }
        text += "Ctrl-C ends it\n"
        Terminal.write(text)
    }
}
