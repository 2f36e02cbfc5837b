import ArgumentParser
import Glibc
import JSON
import Manifest
import Routing
import Scaffolding

/// `shopfn new`: a function with its handler, its test and its manifest entry.
struct NewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Add a function: its handler, a test, and its entries in the module and the manifest.",
        discussion: """
            A module that is not there yet is added to Package.swift too. Files that exist are never overwritten, and \
            if anything cannot be done, nothing is changed.

            Examples:
              shopfn new say-hello --module greetings --route 'GET /hello/{name}'
              shopfn new sweep-carts --module cart --schedule 'every 10m'
            """
    )

    @Argument(help: "The function's name: lower-case letters, digits and hyphens.")
    var name: String

    @Option(help: "The module to hold the handler, there already or new.")
    var module: String

    @Option(help: ArgumentHelp("The method and path that lead to it.", valueName: "METHOD /path"))
    var route: String?

    @Option(
        help: ArgumentHelp(
            "When it is invoked instead: 'every 10m', or a cron expression in UTC such as '0 3 * * *'.",
            valueName: "schedule"
        )
    )
    var schedule: String?

    @Option(help: "The handler's type name; by default made of the function's name.")
    var handler: String?

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (route == nil) != (schedule == nil) else {
            throw ValidationError("give either --route, or --schedule")
        }
    }

    func run() async throws {
        let file = try manifest.read(checksModules: false)
        guard file.reading.manifest != nil else { throw file.failure(format: output.output) }
        let pattern = try route.map(routePattern)
        let function = NewFunction(
            name: name,
            module: module,
            handler: handler ?? TypeName.from(name),
            trigger: pattern.map { .route($0.description) } ?? .schedule(schedule ?? "")
        )
        let transaction = try plan(function, pattern: pattern, file: file)
        try transaction.commit()
        show(function, pattern, transaction, folder: file.folder)
    }

    private func routePattern(_ route: String) throws -> RoutePattern {
        do {
            return try RoutePattern(route)
        } catch {
            let (problem, fix) = error.clauses
            throw CommandFailure(.wrongUsage, code: "bad-route", "--route '\(route)': \(problem)", fix: fix)
        }
    }

    /// Everything that is to be written, worked out before anything is.
    private func plan(
        _ function: NewFunction,
        pattern: RoutePattern?,
        file: ManifestFile
    ) throws -> FileTransaction {
        do throws(ScaffoldError) {
            var transaction = FileTransaction()
            let manifestText = String(decoding: file.reading.source.bytes, as: UTF8.self)
            let editor = ManifestEditor(file.reading.source) { name in getenv(name).map { String(cString: $0) } }
            let edited = try editor.adding(function)

            let packagePath = FileSystem.join(file.folder, "Package.swift")
            let packageText = try text(packagePath)
            let package = try PackageEditor(packageText, file: packagePath)
            let target = package.targets[module] ?? TypeName.from(module)
            let template = FunctionTemplate(
                function,
                target: target,
                // A schedule invokes with `POST /`.
                method: pattern.map { $0.method == .any ? "GET" : $0.method.description } ?? "POST",
                path: pattern?.samplePath ?? "/"
            )
            try create(template.handlerPath, template.handler, in: file.folder, &transaction)
            try create(template.testPath, template.test, in: file.folder, &transaction)
            if package.targets[module] == nil {
                try create(template.modulePath, template.module, in: file.folder, &transaction)
                let changed = try package.adding(module, target: target)
                transaction.replace(packagePath, packageText, by: changed)
            } else {
                let (path, text) = try functionsList(target: target, folder: file.folder)
                let changed = try FunctionsListEditor.adding(function.handler, to: text, file: path)
                transaction.replace(path, text, by: changed)
            }
            // Last, so that a manifest never names a handler that is not there.
            transaction.replace(file.path, manifestText, by: edited)
            return transaction
        } catch {
            throw CommandFailure(.wrongUsage, code: "cannot-add", error.message, fix: error.fix)
        }
    }

    private func create(
        _ path: String,
        _ text: String,
        in folder: String,
        _ transaction: inout FileTransaction
    ) throws(ScaffoldError) {
        do {
            try transaction.create(FileSystem.join(folder, path), text)
        } catch {
            throw ScaffoldError(error.message, fix: error.fix)
        }
    }

    /// The source of a module that lists its handlers.
    private func functionsList(target: String, folder: String) throws(ScaffoldError) -> (path: String, text: String) {
        let root = FileSystem.join(folder, "Sources/Functions/\(target)")
        for folder in [FileSystem.join(root, "Main"), root] {
            for name in FileSystem.names(in: folder).sorted() where name.hasSuffix(".swift") {
                let path = FileSystem.join(folder, name)
                let text = try text(path)
                if FunctionsListEditor.hasList(text) { return (path, text) }
            }
        }
        throw ScaffoldError(
            "the module '\(module)' has no list 'Functions { … }' under \(root)",
            fix: "see that its type has 'static let functions = Functions { … }'"
        )
    }

    private func text(_ path: String) throws(ScaffoldError) -> String {
        do throws(FileSystem.Failure) {
            return String(decoding: try FileSystem.read(path, upTo: 16 << 20), as: UTF8.self)
        } catch {
            throw ScaffoldError("\(path) cannot be read: \(error.reason)", fix: "run this in the project's folder")
        }
    }

    private func show(
        _ function: NewFunction,
        _ pattern: RoutePattern?,
        _ transaction: FileTransaction,
        folder: String
    ) {
        func shown(_ path: String) -> String {
            path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
        }
        switch output.output {
        case .table:
            let lines = transaction.files.map { "\($0.isNew ? "created" : "changed")  \(shown($0.path))\n" }
            var invocation = "\(Terminal.program) invoke \(function.name)"
            // Only a path with parameters has to be said.
            if let pattern, !pattern.parameterNames.isEmpty { invocation += " --path \(pattern.samplePath)" }
            Terminal.write(
                lines.joined() + "Next: swift build -c release --product \(function.module) && \(invocation)\n"
            )
        case .json:
            let files = transaction.files.map { file in
                JSONValue.object(
                    JSONObject([("path", .string(shown(file.path))), ("isNew", .bool(file.isNew))])
                )
            }
            Terminal.write(
                json: .object(
                    JSONObject([
                        ("function", .string(function.name)), ("module", .string(function.module)),
                        ("handler", .string(function.handler)), trigger(of: function), ("files", .array(files)),
                    ])
                )
            )
        }
    }

    private func trigger(of function: NewFunction) -> (String, JSONValue) {
        switch function.trigger {
        case .route(let route): ("route", .string(route))
        case .schedule(let schedule): ("schedule", .string(schedule))
        }
    }
}
