import ArgumentParser
import JSON
import Manifest

/// `shopfn check`: every mistake of the manifest at once.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every mistake of the manifest, each with its place and how to mend it.",
        discussion: "Ends with 0 when the manifest is right and with 2 when it is not."
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Do not look whether modules are built and have the handlers named.")
    var skipModules = false

    func run() async throws {
        let file = try manifest.read(checksModules: !skipModules)
        guard let manifest = file.reading.manifest else { throw file.failure(format: output.output) }
        let modules = manifest.modules.count
        switch output.output {
        case .table:
            let functions = manifest.functions.count
            Terminal.write(
                "\(file.path) is right: \(functions) function\(functions == 1 ? "" : "s")"
                    + " in \(modules) module\(modules == 1 ? "" : "s")\n"
            )
        case .json:
            Terminal.write(
                json: .object(
                    JSONObject([
                        ("manifest", .string(file.path)), ("diagnostics", .array([])),
                        ("service", .string(manifest.service)), ("functions", .int(manifest.functions.count)),
                        ("modules", .array(manifest.modules.map { .string($0) })),
                    ])
                )
            )
        }
    }
}
