import ArgumentParser
import Deployment
import JSON
import Kubernetes
import Manifest

/// `shopfn undeploy`: takes a function from the cluster.
struct UndeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undeploy",
        abstract: "Take functions from the cluster: their routes, their pods, their history.",
        discussion: """
            Pods finish what they have under way. What Argo CD delivers it brings back: there, --to git takes the \
            functions out of k8s/, as if functions.yaml did not have them; remove them there too, or the next \
            'shopfn render' brings them back. Argo CD leaves the Deployment of a folder that is gone; \
            'argocd app delete function-NAME' ends it.
            """
    )

    @Argument(help: "The functions.", completion: FunctionNameCompletion.kind)
    var names: [String]

    @Option(help: "From where: from the cluster, or from the GitOps overlay.")
    var to = DeployTarget.cluster

    @Flag(help: "Commit what --to git changes.")
    var commit = false

    @Flag(help: "Change nothing; show what would be removed.")
    var dryRun = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if commit, to != .git { throw ValidationError("--commit belongs to --to git") }
    }

    func run() async throws {
        let loaded = try manifest.load(checksModules: false, variables: variables, format: output.output)
        guard to == .cluster else { return try removeFromGit(loaded) }
        let service = loaded.manifest.service
        let removed = try await cluster.withClient(service: service) { client in
            let map = ManifestMap(service: service, client: client)
            let known = try await map.manifest()
            var found: [String] = []
            for name in names {
                let deployment = try await client.find(.deployments, name)
                let isWorker = deployment?.labels["app.kubernetes.io/component"] == "worker"
                guard isWorker || known?.function(named: name) != nil else {
                    throw CommandFailure(
                        .wrongUsage,
                        code: "not-deployed",
                        "\(name) is no function in this cluster; nothing was removed",
                        fix: "'shopfn status' shows those there are"
                    )
                }
                if isWorker { found.append(name) }
            }
            guard !dryRun else { return found }
            // First nobody is sent there any more, then it goes.
            try await map.apply(names.map { .remove($0) })
            for name in found {
                do {
                    try await client.delete(.deployments, name)
                } catch let error as KubernetesError where error.isNotFound {
                    // Somebody else was quicker.
                }
            }
            return found
        }
        switch output.output {
        case .json:
            Terminal.write(
                json: [
                    "dryRun": .bool(dryRun), "removed": .array(names.map { .string($0) }),
                    "deployments": .array(removed.map { .string($0) }),
                ]
            )
        case .table:
            for name in names {
                let what = removed.contains(name) ? "its Deployment and its routes" : "its routes"
                Terminal.write("- \(name): \(what)\(dryRun ? " would be removed" : "")\n")
            }
        }
    }

    private func removeFromGit(_ loaded: LoadedManifest) throws {
        let delivery = GitDelivery(folder: loaded.folder, manifest: loaded.manifest)
        try GitReport.finish(
            delivery,
            delivery.removal(names),
            subject: "Remove \(names.joined(separator: ", "))",
            isDryRun: dryRun,
            commits: commit,
            format: output.output
        )
        let declared = names.filter { loaded.manifest.function(named: $0) != nil }
        if !declared.isEmpty {
            let list = declared.joined(separator: ", ")
            Terminal.writeError("\(loaded.path) still declares \(list): remove it there, or rendering brings it back\n")
        }
    }
}
