import ArgumentParser
import JSON
import Manifest

/// `shopfn doctor`: looks for what is wrong.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong, around the functions or in the shop's state, and say how to mend it.",
        subcommands: [DoctorSystemCommand.self, DoctorShopCommand.self],
        defaultSubcommand: DoctorSystemCommand.self
    )
}

/// `shopfn doctor system`, which `shopfn doctor` runs: what can be wrong around the functions, and how to mend each.
struct DoctorSystemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system",
        abstract: "Look at everything the functions need, and say of each how it is and how to mend it.",
        discussion: """
            Looks at the manifest, the variables it takes from the environment, the modules, the Valkey of VALKEY_URL, \
            the images of the GitOps overlay, and the cluster: whether it answers, what you may do, which pods wait in \
            vain. What is not there to be looked at is skipped, and said so.

            Ends with 2 when the manifest or the environment is wrong, else with 3 when anything outside is.
            """
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Look at the cluster of this context of the kubeconfig; without one at the current, if there is any.")
    var context: String?

    @Option(help: "The namespace of the shop.")
    var namespace = "shop"

    @Option(help: "The GitOps overlay, from the manifest's folder.")
    var overlay = "k8s/overlays/eks"

    func run() async throws {
        let file = try manifest.read()
        var findings = ManifestExamination.findings(file)
        findings.append(
            await ValkeyExamination.finding(
                url: FileSystem.variable("VALKEY_URL"),
                search: StateFolder.programs(manifestFolder: file.folder)
            )
        )
        findings += ImageExamination.findings(folder: file.folder, overlay: overlay)
        findings += ClusterExamination(context: context, namespace: namespace).findings(isWanted: context != nil)

        let wrong = findings.filter { $0.state == .wrong }
        switch output.output {
        case .table: Terminal.write(findings.map(\.line).joined())
        case .json:
            Terminal.write(
                json: .object(
                    JSONObject([
                        ("wrong", .int(wrong.count)), ("findings", .array(findings.map(\.json))),
                    ])
                )
            )
        }
        guard !wrong.isEmpty else { return }
        let status: ExitStatus = wrong.contains { $0.status == .wrongUsage } ? .wrongUsage : .unreachable
        throw ExitCode(status.rawValue)
    }
}
