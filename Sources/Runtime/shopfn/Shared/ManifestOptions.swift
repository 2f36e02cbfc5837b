import ArgumentParser
import Glibc
import JSON
import Manifest

/// `--manifest` and `--modules`, for commands that need the manifest.
struct ManifestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The manifest; by default functions.yaml in this folder or the nearest one above.",
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "The folder with the modules' executables; by default that of shopfn, then .build/release, .build/debug.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var modules: String?

    static let fileName = "functions.yaml"

    /// The manifest's text as read, checked as far as the command needs it.
    ///
    /// - Parameters:
    ///   - checksModules: Whether modules must be built and have the handlers named.
    ///   - variables: What its variables stand for; by default those of this process.
    /// - Returns: The file with its mistakes, if it has any.
    /// - Throws: `CommandFailure` when there is no manifest to read.
    func read(checksModules: Bool = true, variables: VariableOptions? = nil) throws -> ManifestFile {
        let path = try locate()
        let given = try variables?.values(folder: FileSystem.folder(of: path))
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.read(path, upTo: 64 << 20)
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "manifest-unreadable",
                "the manifest \(path) cannot be read: \(error.reason)",
                fix: "name a readable file with --manifest"
            )
        }
        var reading = ManifestReading(
            SourceText(bytes, file: path),
            environment: { name in
                if let given { return given[name] }
                return getenv(name).map { String(cString: $0) }
            },
            isTimeZone: TimeZoneDatabase.contains
        )
        let folder = FileSystem.real(FileSystem.folder(of: path)) ?? FileSystem.folder(of: path)
        let locator = ModuleLocator(chosen: modules, manifestFolder: folder)
        var catalog = ModuleCatalog()
        if checksModules {
            catalog = locator.catalog(of: reading.modules)
            reading.check(modules: catalog)
        }
        return ManifestFile(path: path, folder: folder, reading: reading, catalog: catalog)
    }

    /// The checked manifest.
    ///
    /// - Throws: `CommandFailure` with exit code 2 when anything in it is wrong; every mistake is shown first.
    func load(
        checksModules: Bool = true,
        variables: VariableOptions? = nil,
        format: OutputFormat = .table
    ) throws -> LoadedManifest {
        let file = try read(checksModules: checksModules, variables: variables)
        guard let manifest = file.reading.manifest else { throw file.failure(format: format) }
        return LoadedManifest(path: file.path, folder: file.folder, manifest: manifest, catalog: file.catalog)
    }

    /// Where the manifest is.
    private func locate() throws -> String {
        if let manifest {
            let path = FileSystem.isFolder(manifest) ? FileSystem.join(manifest, Self.fileName) : manifest
            guard FileSystem.exists(path) else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "manifest-not-found",
                    "there is no manifest at \(path)",
                    fix: "name an existing file with --manifest"
                )
            }
            return path
        }
        if FileSystem.exists(Self.fileName) { return Self.fileName }
        var folder = FileSystem.currentFolder
        while folder != "/" {
            folder = FileSystem.folder(of: folder)
            let path = FileSystem.join(folder, Self.fileName)
            if FileSystem.exists(path) { return path }
        }
        throw CommandFailure(
            .wrongUsage,
            code: "manifest-not-found",
            "there is no functions.yaml in \(FileSystem.currentFolder) nor above it",
            fix: "go to the project's folder, or name the file with --manifest"
        )
    }
}

/// A manifest that was read, with whatever is wrong in it.
struct ManifestFile {
    /// As messages show it: relative where it was found in the current folder.
    let path: String
    /// The absolute path of its folder.
    let folder: String
    let reading: ManifestReading
    /// What is known of the modules; empty when they were not looked at.
    let catalog: ModuleCatalog

    /// Shows every mistake, for people on standard error, and gives the failure that ends the command.
    func failure(format: OutputFormat) -> CommandFailure {
        if format == .table {
            let renderer = DiagnosticRenderer(source: reading.source)
            Terminal.writeError(renderer.render(reading.diagnostics) + "\n")
        }
        let count = reading.diagnostics.count
        return CommandFailure(
            .wrongUsage,
            code: "manifest-wrong",
            "\(path) has \(count == 1 ? "a mistake" : "\(count) mistakes")",
            fix: count == 1 ? "mend it as shown" : "mend them as shown",
            details: JSONObject([
                ("manifest", .string(path)), ("diagnostics", DiagnosticReport.json(reading.diagnostics, file: path)),
            ])
        )
    }
}

/// A manifest without mistakes, with the executables of its modules.
struct LoadedManifest {
    let path: String
    /// The absolute path of its folder.
    let folder: String
    let manifest: Manifest
    private let catalog: ModuleCatalog

    init(path: String, folder: String, manifest: Manifest, catalog: ModuleCatalog) {
        self.path = path
        self.folder = folder
        self.manifest = manifest
        self.catalog = catalog
    }

    /// A module's executable; nothing when modules were not looked at.
    func executable(of module: String) -> String? {
        guard case .built(let path, _) = catalog[module] else { return nil }
        return path
    }

    /// The function of that name.
    ///
    /// - Throws: `CommandFailure` that names the nearest one.
    func function(named name: String) throws -> FunctionDeclaration {
        if let function = manifest.function(named: name) { return function }
        let names = manifest.functions.map(\.name)
        let nearest = NearestName.nearest(to: name, among: names)
        throw CommandFailure(
            .wrongUsage,
            code: "unknown-function",
            "\(path) has no function '\(name)'",
            fix: nearest.map { "did you mean '\($0)'?" } ?? "'shopfn list' shows those it has"
        )
    }
}
