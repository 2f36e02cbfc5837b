import ArgumentParser
import Deployment
import ImageFormat
import JSON
import Kubernetes
import Manifest
import Rendering

/// `shopfn deploy`: functions to a cluster, or to Git.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Build, push and roll out functions, each by itself.",
        discussion: """
            Builds the modules, pushes their images, and applies the functions' Deployments (server-side apply, field \
            manager 'shopfn'), or sets the digests in the overlay k8s/overlays/eks for Argo CD. Functions that are not \
            named stay as they are, those of the same module too.

            With --wait the rollout is followed; one that fails or is not done after --timeout is undone. 'shopfn' as a \
            name means the runtime itself: namespace, gateways, autoscaler, network policies.

            Examples:
              shopfn deploy list-products --registry localhost:5000/shop --wait
              shopfn deploy --all --registry … --to git --commit
              shopfn deploy place-order --registry … --dry-run
            """
    )

    @Argument(help: "The functions, or 'shopfn' for the runtime itself.", completion: FunctionNameCompletion.kind)
    var names: [String] = []

    @Flag(help: "Everything: the runtime and all functions of the manifest.")
    var all = false

    @Option(help: "Where to: the cluster, or the GitOps overlay in Git.")
    var to = DeployTarget.cluster

    @Option(help: "The tag of the images; by default one that is made of what each holds.")
    var tag: String?

    @Option(
        help: ArgumentHelp(
            "Registry and path below which each module has its repository; by default that of SHOPFN_REGISTRY.",
            valueName: "registry/path"
        )
    )
    var registry: String?

    @Option(help: ArgumentHelp("An image to build upon, or 'scratch' for none.", valueName: "image"))
    var base = "scratch"

    @Option(help: "An image that was pushed before, by its digest, for the one module that is named; builds nothing.")
    var digest: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Build the modules with SwiftPM first, where Package.swift is beside the manifest."
    )
    var build = true

    @Flag(help: "Follow the rollout, and undo it when it fails.")
    var wait = false

    @Option(help: "How long a rollout may take, such as 90s or 5m.")
    var timeout = "3m"

    @Flag(
        help: "Change nothing; show what would change. Images are pushed, as what runs them is named by their digest."
    )
    var dryRun = false

    @Flag(help: "Commit what --to git changes.")
    var commit = false

    @Flag(help: "Take over fields that somebody else manages.")
    var force = false

    @Option(help: "The overlay whose runtime is deployed: local or eks.")
    var overlay = RenderedTree.Overlay.local

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if commit, to != .git { throw ValidationError("--commit belongs to --to git") }
        if let tag, !ImageReference.isTag(tag) {
            throw ValidationError("'\(tag)' is no tag: use letters, digits, '_', '.' and '-'")
        }
    }

    func run() async throws {
        let patience = try DurationOption.parse(timeout, option: "--timeout")
        let loaded = try manifest.load(checksModules: false, variables: variables, format: output.output)
        let selection = try DeploySelection(names: names, all: all, manifest: loaded)
        let images = try await images(selection, loaded)
        switch to {
        case .git: try deployToGit(selection, images, loaded)
        case .cluster:
            try await cluster.withClient(service: loaded.manifest.service) { client in
                var delivery = ClusterDelivery(
                    client: client,
                    shop: ShopObjects(
                        loaded.manifest,
                        settings: RenderSettings(namespace: client.configuration.namespace)
                    ),
                    overlay: overlay
                ) {
                    line in
                    say(line)
                }
                delivery.isForced = force
                let references = images.mapValues(\.byDigest)
                if dryRun {
                    return try show(await delivery.differences(selection, images: references))
                }
                let deadline = wait ? ContinuousClock.now + patience : nil
                let outcomes = try await delivery.deploy(selection, images: references, until: deadline)
                try OutcomeReport.show(outcomes, format: output.output, timeout: timeout)
            }
        }
    }

    /// Progress, for people; results alone go to standard output.
    private func say(_ line: String) { Terminal.writeError(line + "\n") }

    private func images(_ selection: DeploySelection, _ loaded: LoadedManifest) async throws -> [String: ImageReference]
    {
        guard let prefix = registry ?? FileSystem.variable("SHOPFN_REGISTRY") else {
            throw CommandFailure(
                .wrongUsage,
                code: "no-registry",
                "where images are kept is not said",
                fix: "give --registry, as in localhost:5000/shop, or set SHOPFN_REGISTRY"
            )
        }
        if let digest {
            guard let read = Digest(digest), let module = selection.images.first, selection.images.count == 1 else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "usage",
                    "--digest is for functions of one module, and begins with sha256:",
                    fix: "name functions of one module, and the digest that 'shopfn image --push' printed"
                )
            }
            var reference = try RegistryOptions.reference("\(prefix)/\(module)", option: "--registry")
            reference.digest = read
            return [module: reference]
        }
        let session = registryOptions.session()
        let delivery = ImageDelivery(
            registry: prefix,
            tag: tag,
            base: base,
            builds: build,
            modules: manifest.modules,
            session: session,
            progress: say
        )
        do {
            let images = try await delivery.deliver(selection.images, of: loaded)
            await session.close()
            return images
        } catch {
            await session.close()
            throw error
        }
    }

    private func deployToGit(
        _ selection: DeploySelection,
        _ images: [String: ImageReference],
        _ loaded: LoadedManifest
    ) throws {
        let delivery = GitDelivery(folder: loaded.folder, manifest: loaded.manifest)
        let changes = try delivery.changes(selection, images: images)
        let subject = "Deliver \(selection.functions.map(\.name).joined(separator: ", "))"
        try GitReport.finish(
            delivery,
            changes,
            subject: subject.count <= 72 ? subject : "Deliver \(selection.functions.count) functions",
            isDryRun: dryRun,
            commits: commit,
            format: output.output
        )
    }

    private func show(_ differences: [ObjectDifference]) throws {
        switch output.output {
        case .table: Terminal.write(differences.map(\.text).joined())
        case .json: Terminal.write(json: ["dryRun": true, "differences": .array(differences.map(\.json))])
        }
    }
}
