import ArgumentParser
import JSON
import Kubernetes
import Logging
import Manifest

/// `shopfn scheduler`: has gateways invoke functions when their schedules say so, where no autoscaler does.
struct SchedulerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler",
        abstract: "Invoke functions by their schedules, where KEDA scales them.",
        discussion: """
            Has one of the gateways invoke what is due. Run two: one holds the Lease and invokes, the other takes over \
            within seconds and goes on where it left off. 'shopfn autoscaler' does the same beside scaling, so a \
            cluster needs one of the two. A changed manifest is taken up by itself.
            """
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var demand: DemandOptions
    @OptionGroup var admin: AdminOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var replica: ReplicaOptions

    @Option(help: ArgumentHelp("The Lease by which several agree who invokes.", valueName: "name"))
    var lease = "shopfn-scheduler"

    func validate() throws {
        guard !lease.isEmpty else { throw ValidationError("--lease needs a name") }
    }

    func run() async throws {
        CommandLog.begin()
        let options = manifest
        let format = output.output
        let loaded = try options.load(checksModules: false, format: format)
        let settings = SchedulerHost.Settings(
            demand: try demand.configuration(name: replica.name),
            cluster: try replica.cluster(),
            lease: lease,
            identity: replica.name,
            adminHost: admin.adminHost,
            adminPort: admin.adminPort
        )
        let host = SchedulerHost(loaded, settings, logger: Logger(label: "shopfn"))
        try await host.run(
            load: { try options.load(checksModules: false, format: format) },
            whenReady: { announce(loaded, settings, adminPort: $0) }
        )
    }

    private func announce(_ loaded: LoadedManifest, _ settings: SchedulerHost.Settings, adminPort: Int) {
        let admin = admin.url(port: adminPort)
        let functions = loaded.manifest.functions.filter { $0.trigger.route == nil }.map(\.name)
        if output.output == .json {
            Terminal.write(
                json: [
                    "admin": .string(admin),
                    "server": .string(settings.cluster.server),
                    "namespace": .string(settings.cluster.namespace),
                    "identity": .string(settings.identity),
                    "functions": .array(functions.map { .string($0) }),
                ]
            )
            return
        }
        var text = "\(settings.identity) keeps the schedules of \(functions.count) functions of \(loaded.path)\n"
        text += "health, metrics, schedules: \(admin)/readyz /metrics /api/schedules\nCtrl-C ends it\n"
        Terminal.write(text)
    }
}
