import ArgumentParser
import JSON
import Manifest
import Time

/// `shopfn list`: the functions of the manifest.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the functions of the manifest with what invokes them and their limits."
    )

    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let loaded = try manifest.load(checksModules: false, format: output.output)
        switch output.output {
        case .table:
            var table = Table("FUNCTION", "TRIGGER", "HANDLER", "TIMEOUT", "SLOTS", "MEMORY", "WORKERS", "POLICY")
            for function in loaded.manifest.functions {
                table.add(
                    function.name,
                    FunctionReport.trigger(function),
                    "\(function.module).\(function.handler)",
                    DurationText.text(function.timeout),
                    String(function.concurrency),
                    SizeText.text(function.memory),
                    "\(function.scale.min)…\(function.scale.max)",
                    function.scale.policy.specification
                )
            }
            Terminal.write(table.text)
        case .json:
            Terminal.write(
                json: .object(
                    JSONObject([
                        ("service", .string(loaded.manifest.service)),
                        ("functions", .array(loaded.manifest.functions.map { FunctionReport.json($0) })),
                    ])
                )
            )
        }
    }
}
