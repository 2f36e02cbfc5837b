import ArgumentParser
import JSON
import Manifest
import Rendering

/// `shopfn render`: the manifest as Kubernetes' objects.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Turn the manifest into plain Kubernetes YAML.",
        discussion: """
            Without --output an overlay's objects are printed. With --output and --overlay each object becomes a file \
            of that folder. With --output alone, a kustomize base, a folder for each function and all overlays are \
            written, which is what stands in k8s/.

            Variables of the manifest, as in ${PAYMENT_URL}, are taken from k8s/variables.env and --set, never from \
            the environment, so that everybody renders the same.

            Examples:
              shopfn render | kubectl apply --server-side --filename -
              shopfn render --output k8s            # after each change of functions.yaml
              shopfn render --output k8s --check    # ends with 1 where k8s/ is older than functions.yaml
            """
    )

    @Option(help: "The overlay: local or eks. Without --output it is 'local' unless given.")
    var overlay: RenderedTree.Overlay?

    @Option(help: "Who scales: shopfn's own autoscaler, or KEDA.")
    var scaler = RenderSettings.Scaler.shopfn

    @Option(help: ArgumentHelp("The shop's name on the internet, for the ingress of 'eks'.", valueName: "name"))
    var domain: String?

    @Option(
        help: ArgumentHelp(
            "Where the load balancer of 'eks' asks for the gateways' health from: 'terraform output -raw "
                + "load_balancer_ranges', for a VPC of another range than the default's.",
            valueName: "ranges"
        ),
        transform: { text in
            guard let ranges = AddressRange.list(text) else {
                throw ValidationError(
                    "'\(text)' is no list of IPv4 ranges, such as \(RenderSettings.defaultLoadBalancer)"
                )
            }
            return ranges
        }
    )
    var loadBalancer: [AddressRange]?

    @Flag(help: "Write nothing; say which files of --output are not as they would be written.")
    var check = false

    @OptionGroup var variables: VariableOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var destination: DestinationOptions

    func validate() throws {
        if check, destination.path == nil || overlay != nil {
            throw ValidationError("--check compares a whole tree: give --output and no --overlay")
        }
    }

    func run() async throws {
        let loaded = try manifest.load(checksModules: false, variables: variables, format: destination.format)
        var settings = RenderSettings(scaler: scaler, domain: domain)
        if let loadBalancer { settings.loadBalancer = loadBalancer }
        let shop = ShopObjects(loaded.manifest, settings: settings)
        guard let path = destination.path else { return print(shop, folder: loaded.folder) }
        let files = TreeFiles(top: path)
        if let overlay {
            let documents = objects(shop, overlay, folder: loaded.folder)
            report(try files.write(plain: documents), in: path)
        } else {
            let changes = files.compare(RenderedTree(shop, pins: files.pins()))
            guard check else { return report(try files.write(changes), in: path) }
            try reportCheck(changes, in: path)
        }
    }

    private func objects(_ shop: ShopObjects, _ overlay: RenderedTree.Overlay, folder: String) -> [RenderedObject] {
        let images = TreeFiles(top: FileSystem.join(folder, "k8s")).images(
            of: overlay,
            service: shop.manifest.service,
            modules: shop.manifest.modules
        )
        return shop.documents(overlay, images: images)
    }

    private func print(_ shop: ShopObjects, folder: String) {
        let documents = objects(shop, overlay ?? .local, folder: folder)
        switch destination.format {
        case .table: Terminal.write(documents.map(\.text).joined(separator: "---\n"))
        case .json:
            Terminal.write(
                json: ["apiVersion": "v1", "kind": "List", "items": .array(documents.map { .object($0.json) })]
            )
        }
    }

    private func report(_ written: [String], in path: String) {
        switch destination.format {
        case .table:
            Terminal.write(written.isEmpty ? "\(path) is as it should be\n" : written.map { "\($0)\n" }.joined())
        case .json:
            Terminal.write(json: ["folder": .string(path), "changed": .array(written.map { .string($0) })])
        }
    }

    private func reportCheck(_ changes: TreeFiles.Changes, in path: String) throws {
        let paths = changes.paths
        guard !paths.isEmpty else { return report([], in: path) }
        let shown = paths.prefix(5).joined(separator: ", ") + (paths.count > 5 ? " and \(paths.count - 5) more" : "")
        throw CommandFailure(
            .functionFailed,
            code: "not-current",
            "\(path) is not what functions.yaml says: \(shown)",
            fix: "run 'shopfn render --output \(path)' and commit the result",
            details: JSONObject([("files", .array(paths.map { .string($0) }))])
        )
    }
}

extension RenderedTree.Overlay: ExpressibleByArgument {}
extension RenderSettings.Scaler: ExpressibleByArgument {}
