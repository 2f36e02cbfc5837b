import ArgumentParser
import Deployment
import JSON
import Kubernetes
import Manifest
import Rendering

/// `shopfn rollback`: back to what a function ran before.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Take a function back to the image it ran before.",
        discussion: """
            In the cluster the last revisions of each function are kept with it; going back once more leads further \
            back. With --to git it is the history of the overlay's file that is looked at.
            """
    )

    @Argument(help: "The function.", completion: FunctionNameCompletion.kind)
    var name: String

    @Option(help: "A revision to go to, as 'shopfn status' and 'shopfn rollback --list' number them.")
    var revision: Int?

    @Flag(help: "Change nothing; list the revisions there are.")
    var list = false

    @Option(help: "Where: in the cluster, or in the GitOps overlay.")
    var to = DeployTarget.cluster

    @Flag(help: "Follow the rollout, and undo it when it fails.")
    var wait = false

    @Option(help: "How long a rollout may take, such as 90s or 5m.")
    var timeout = "3m"

    @Flag(help: "Change nothing; show what would change.")
    var dryRun = false

    @Flag(help: "Commit what --to git changes.")
    var commit = false

    @Flag(help: "Take over fields that somebody else manages.")
    var force = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if to == .git, list || revision != nil { throw ValidationError("--list and --revision are of the cluster") }
        if commit, to != .git { throw ValidationError("--commit belongs to --to git") }
    }

    func run() async throws {
        let patience = try DurationOption.parse(timeout, option: "--timeout")
        let loaded = try manifest.load(checksModules: false, variables: variables, format: output.output)
        let function = try loaded.function(named: name)
        guard to == .cluster else {
            let delivery = GitDelivery(folder: loaded.folder, manifest: loaded.manifest)
            return try GitReport.finish(
                delivery,
                [delivery.rollback(function)],
                subject: "Take back \(name)",
                isDryRun: dryRun,
                commits: commit,
                format: output.output
            )
        }
        try await cluster.withClient(service: loaded.manifest.service) { client in
            let revisions = try await RevisionHistory(of: name, client: client).revisions()
            guard !list else { return show(revisions) }
            let target = try choose(revisions)
            var rollout = FunctionRollout(client: client)
            rollout.isForced = force
            guard !dryRun else { return show(try await rollout.difference(target.object)) }
            let applied = try await rollout.apply(target.object, sameAs: target.sameAs ?? target.number)
            let delivery = ClusterDelivery(
                client: client,
                shop: ShopObjects(loaded.manifest),
                overlay: .local,
                progress: { Terminal.writeError($0 + "\n") }
            )
            let outcome = try await delivery.finish(
                applied,
                undo: [],
                image: target.image ?? "-",
                until: wait ? ContinuousClock.now + patience : nil
            )
            try OutcomeReport.show([outcome], format: output.output, timeout: timeout)
        }
    }

    private func choose(_ revisions: [RevisionHistory.Revision]) throws -> RevisionHistory.Revision {
        if let revision {
            if let found = revisions.first(where: { $0.number == revision }) { return found }
            throw CommandFailure(
                .wrongUsage,
                code: "no-revision",
                "\(name) has no revision \(revision)",
                fix: "'shopfn rollback \(name) --list' shows those there are"
            )
        }
        if let previous = RevisionHistory.previous(in: revisions) { return previous }
        throw CommandFailure(
            .wrongUsage,
            code: "no-previous",
            "\(name) ran no other image before, as far as the cluster remembers",
            fix: revisions.isEmpty ? "it was not deployed with shopfn yet" : "deploy the image that is meant"
        )
    }

    private func show(_ revisions: [RevisionHistory.Revision]) {
        switch output.output {
        case .json:
            let list = revisions.map { revision -> JSONValue in
                [
                    "revision": .int(revision.number), "image": revision.image.map { .string($0) } ?? .null,
                    "sameAs": revision.sameAs.map { .int($0) } ?? .null,
                ]
            }
            Terminal.write(json: ["name": .string(name), "revisions": .array(list)])
        case .table:
            var table = Table("REVISION", "IMAGE", "SAME AS")
            for revision in revisions {
                table.add("\(revision.number)", revision.image ?? "-", revision.sameAs.map(String.init) ?? "-")
            }
            Terminal.write(table.text)
        }
    }

    private func show(_ difference: ObjectDifference) {
        switch output.output {
        case .json: Terminal.write(json: ["dryRun": true, "differences": [difference.json]])
        case .table: Terminal.write(difference.text)
        }
    }
}
