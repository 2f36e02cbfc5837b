import ArgumentParser
import Deployment
import ImageFormat
import JSON
import Manifest

/// `shopfn image`: an OCI image without a daemon.
struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Make a module's image, without a container engine, and write or push it.",
        discussion: """
            The image holds the executable without its debug information, every shared library it needs, the \
            authorities to trust, and a user without rights. The same executable gives the same image, to the byte.

            Credentials are those of 'docker login' and 'podman login', of credential helpers, and for Amazon ECR \
            those of 'aws'. What the registry has already is not sent again.

            Examples:
              shopfn image catalog --output catalog.tar         # for 'podman load --input catalog.tar'
              shopfn image catalog --push localhost:5000/shop/catalog
              shopfn image shopfn --time-zones --push …         # the runtime itself: gateway and autoscaler
            """
    )

    @Argument(
        help: "The module, one of its functions, or 'shopfn' for the runtime itself.",
        completion: FunctionNameCompletion.kind
    )
    var name: String

    @Option(help: ArgumentHelp("An image to build upon, or 'scratch' for none.", valueName: "image"))
    var base = "scratch"

    @Option(help: ArgumentHelp("The repository to push to, as registry/repository[:tag].", valueName: "repository"))
    var push: String?

    @Option(help: "The tag to push under; by default one that is made of what the image holds.")
    var tag: String?

    @Option(help: "What the image is for, such as linux/amd64; must be what the executable was built for.")
    var platform: String?

    @Option(help: ArgumentHelp("A label of the image, as name=value. May be given again.", valueName: "label"))
    var label: [String] = []

    @Flag(help: "Put the time zones' database in, as shopfn needs for schedules.")
    var timeZones = false

    @Option(
        help: ArgumentHelp(
            "The folder that libraries, authorities and time zones are taken from; for another machine's files.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var root = "/"

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var destination: DestinationOptions

    func run() async throws {
        let (name, executable, modules) = try locate()
        let target = try push.map { try RegistryOptions.reference($0, option: "--push") }
        if let tag, !ImageReference.isTag(tag) {
            throw CommandFailure(
                .wrongUsage,
                code: "usage",
                "'\(tag)' is no tag",
                fix: "use letters, digits, '_', '.' and '-'"
            )
        }
        let session = registry.session()
        do {
            let sources = target.map { Self.siblings(of: $0, module: name, among: modules) } ?? []
            try await run(name: name, executable: executable, target: target, sources: sources, session: session)
            await session.close()
        } catch {
            await session.close()
            if let error = error as? RegistryError { throw CommandFailure(error) }
            throw error
        }
    }

    private func run(
        name: String,
        executable: String,
        target: ImageReference?,
        sources: [String],
        session: RegistrySession
    ) async throws {
        let base =
            self.base == "scratch"
            ? nil : Repository(try RegistryOptions.reference(self.base, option: "--base"), session: session)
        let assembly = ImageAssembly(
            name: name,
            executable: executable,
            root: root,
            base: base,
            platform: try platform.map(Self.platform),
            hasTimeZones: timeZones || name == ImageAssembly.runtime,
            labels: try labels()
        )
        let image = try await assembly.image()
        let path = destination.path ?? (target == nil ? "\(name).tar" : nil)
        if let path { try await LayoutFiles.write(image, name: name, base: base, to: path) }
        var report: ImagePush.Report?
        if let target {
            let repository = Repository(target, session: session)
            report = try await ImagePush(to: repository, sources: sources, base: base)(image, tag: tag ?? target.tag) {
                layer,
                step in
                if destination.format == .table { Terminal.writeError(ImageReport.line(layer, step) + "\n") }
            }
        }
        ImageReport(name: name, image: image, path: path, push: report).show(destination.format)
    }

    /// Repositories beside a module's that may have the same libraries already: those of the other modules.
    static func siblings(of target: ImageReference, module: String, among modules: [String]) -> [String] {
        guard target.repository == module || target.repository.hasSuffix("/\(module)") else { return [] }
        let prefix = target.repository.dropLast(module.count)
        return modules.filter { $0 != module }.map { prefix + $0 }
    }

    /// The image's name, its executable, and the modules there are.
    private func locate() throws -> (name: String, executable: String, modules: [String]) {
        if name == ImageAssembly.runtime {
            let folder = manifest.modules ?? FileSystem.programFolder ?? "."
            return (name, FileSystem.join(folder, name), [])
        }
        let loaded = try manifest.load(checksModules: false, format: destination.format)
        let modules = loaded.manifest.modules
        var module = modules.first { $0 == name }
        if module == nil {
            guard let function = loaded.manifest.function(named: name) else {
                let names = modules + loaded.manifest.functions.map(\.name) + [ImageAssembly.runtime]
                throw CommandFailure(
                    .wrongUsage,
                    code: "unknown-function",
                    "\(loaded.path) has no module and no function '\(name)'",
                    fix: NearestName.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
                        ?? "the modules are \(modules.joined(separator: ", ")); 'shopfn' is the runtime itself"
                )
            }
            module = function.module
        }
        let locator = ModuleLocator(chosen: manifest.modules, manifestFolder: loaded.folder)
        guard let module, let path = locator.path(of: module) else {
            throw CommandFailure(
                .wrongUsage,
                code: "module-missing",
                "the module '\(module ?? name)' is not built: looked in \(locator.folders.joined(separator: ", "))",
                fix: "run 'swift build -c release --product \(module ?? name)', or name the folder with --modules"
            )
        }
        return (module, path, modules)
    }

    private static func platform(_ text: String) throws -> Platform {
        guard let platform = Platform(text) else {
            throw CommandFailure(
                .wrongUsage,
                code: "usage",
                "'\(text)' is no platform",
                fix: "write it as in linux/amd64"
            )
        }
        return platform
    }

    private func labels() throws -> [String: String] {
        var labels: [String: String] = [:]
        for text in label {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "usage",
                    "'\(text)' is no label",
                    fix: "write name=value, as in org.opencontainers.image.revision=1a2b3c"
                )
            }
            labels[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return labels
    }
}
