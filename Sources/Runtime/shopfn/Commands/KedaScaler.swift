import ArgumentParser
import ExternalScaler
import JSON
import KedaScaler
import Logging
import Scaling

/// `shopfn keda-scaler`: what KEDA asks how many workers each function should have.
struct KedaScalerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keda-scaler",
        abstract: "Tell KEDA how many workers each function should have.",
        discussion: """
            Serves KEDA's external scaler, for ScaledObjects whose trigger is 'external-push' with metadata \
            'function: NAME'. It hears the demand of every gateway. Run two: they say the same. Of the cluster it needs \
            nothing but, with --state, one ConfigMap. A changed manifest is taken up by itself.
            """
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var demand: DemandOptions
    @OptionGroup var admin: AdminOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var replica: ReplicaOptions

    @Option(help: "The address to listen on for KEDA, which is never on the same machine.")
    var host = "0.0.0.0"

    @Option(help: "The port to listen on for KEDA; 0 takes a free one.")
    var port = 6000

    @Option(help: ArgumentHelp("The certificate KEDA is shown, in PEM; read anew as it changes.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's key, in PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("Let in only clients whose certificate these authorities signed.", valueName: "file"))
    var tlsClientCa: String?

    @Option(
        help: ArgumentHelp(
            "How long workers may take to reach gateways that have just come in sight, before 'none' is believed.",
            valueName: "seconds"
        )
    )
    var settle = 10.0

    @Option(
        help: ArgumentHelp(
            "The ConfigMap that keeps what policies learn, for all replicas; without it a restart forgets.",
            valueName: "name"
        )
    )
    var state: String?

    func validate() throws {
        if let state, state.isEmpty { throw ValidationError("--state needs a name") }
        try AdminOptions.check(port: port)
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together; give both")
        }
        guard tlsClientCa == nil || tlsKey != nil else {
            throw ValidationError("--tls-client-ca needs --tls-certificate and --tls-key")
        }
        guard (0...3_600).contains(settle) else { throw ValidationError("--settle is from 0 to 3600 seconds") }
    }

    func run() async throws {
        CommandLog.begin()
        let options = manifest
        let format = output.output
        let loaded = try options.load(checksModules: false, format: format)
        let host = try ScalerHost(loaded, settings(), logger: Logger(label: "shopfn"))
        try await host.run(
            load: { try options.load(checksModules: false, format: format) },
            whenReady: { announce(loaded, port: $0, adminPort: $1) }
        )
    }

    private func settings() throws -> ScalerHost.Settings {
        var timing = ScalerTiming()
        timing.settling = .milliseconds(Int(settle * 1_000))
        return ScalerHost.Settings(
            demand: try demand.configuration(name: replica.name),
            host: host,
            port: port,
            adminHost: admin.adminHost,
            adminPort: admin.adminPort,
            security: try security(),
            timing: timing,
            state: try state.map { .init(cluster: try replica.cluster(), name: $0) }
        )
    }

    private func security() throws -> ScalerSecurity {
        guard let certificate = tlsCertificate, let key = tlsKey else { return .plaintext }
        do {
            return try ScalerSecurity(.init(certificate: certificate, key: key, clientAuthorities: tlsClientCa))
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "certificate",
                "the certificate \(certificate) or its key cannot be used: \(error)",
                fix: "give a certificate and the key that belongs to it, both in PEM"
            )
        }
    }

    private func announce(_ loaded: LoadedManifest, port: Int, adminPort: Int) {
        let (scaler, admin) = (ListeningAddress.text(host, port), admin.url(port: adminPort))
        let functions = ScaledFunction.all(of: loaded.manifest)
        if output.output == .json {
            Terminal.write(
                json: [
                    "scaler": .string(scaler),
                    "admin": .string(admin),
                    "functions": .array(functions.map { .string($0.name) }),
                ]
            )
            return
        }
        var text = "KEDA is told at \(scaler) how many workers \(functions.count) functions of \(loaded.path) need\n"
        let learning = functions.filter(\.policy.learns).count
        if state == nil, learning > 0 {
            text +=
                "what is learned of \(learning == 1 ? "1 function" : "\(learning) functions") is lost with the process; "
            text += "--state NAME keeps it in a ConfigMap\n"
        }
        text += "health, metrics, decisions: \(admin)/readyz /metrics /api/pools\nCtrl-C ends it\n"
        Terminal.write(text)
    }
}
