import ArgumentParser
import Autoscaler
import JSON
import Kubernetes
import Logging
import Manifest

/// `shopfn autoscaler`: scales the functions' Deployments with the gateways' demand.
struct AutoscalerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoscaler",
        abstract: "Scale the functions' Deployments with the gateways' demand, from and to zero.",
        discussion: """
            Hears the demand of every gateway and patches the scale of the Deployment named like the function, and has \
            gateways invoke functions when their schedules say so. Run two: one leads, the other takes over within \
            seconds. Without gateways or API server pods stay as they are. A changed manifest is taken up by itself.
            """
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var demand: DemandOptions
    @OptionGroup var admin: AdminOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var replica: ReplicaOptions

    @Option(help: ArgumentHelp("The Lease by which several agree who leads.", valueName: "name"))
    var lease = "shopfn-autoscaler"

    func validate() throws {
        guard !lease.isEmpty else { throw ValidationError("--lease needs a name") }
    }

    func run() async throws {
        CommandLog.begin()
        let options = manifest
        let format = output.output
        let loaded = try options.load(checksModules: false, format: format)
        let settings = try settings()
        let host = AutoscalerHost(loaded, settings, logger: Logger(label: "shopfn"))
        try await host.run(
            load: { try options.load(checksModules: false, format: format) },
            whenReady: { announce(loaded, settings, adminPort: $0) }
        )
    }

    private func settings() throws -> AutoscalerHost.Settings {
        let configuration = try replica.cluster()
        let identity = replica.name
        var settings = AutoscalerSettings(namespace: configuration.namespace, identity: identity)
        settings.leaseName = lease
        settings.stateName = "\(lease)-state"
        return AutoscalerHost.Settings(
            demand: try demand.configuration(name: identity),
            cluster: configuration,
            autoscaler: settings,
            adminHost: admin.adminHost,
            adminPort: admin.adminPort
        )
    }

    private func announce(_ loaded: LoadedManifest, _ settings: AutoscalerHost.Settings, adminPort: Int) {
        let admin = admin.url(port: adminPort)
        let functions = loaded.manifest.functions.map(\.name)
        if output.output == .json {
            Terminal.write(
                json: [
                    "admin": .string(admin),
                    "server": .string(settings.cluster.server),
                    "namespace": .string(settings.autoscaler.namespace),
                    "identity": .string(settings.autoscaler.identity),
                    "functions": .array(functions.map { .string($0) }),
                ]
            )
            return
        }
        var text = "\(settings.autoscaler.identity) scales \(functions.count) functions of \(loaded.path) "
        text += "in the namespace \(settings.autoscaler.namespace) of \(settings.cluster.server)\n"
        text += "health, metrics, decisions: \(admin)/readyz /metrics /api/pools\nCtrl-C ends it\n"
        Terminal.write(text)
    }
}
