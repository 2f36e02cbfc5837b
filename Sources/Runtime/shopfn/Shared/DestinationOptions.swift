import ArgumentParser

/// `--output` of commands that write files: `json` and `table` say how the result is told, anything else is a path.
struct DestinationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to write; or 'json' or 'table' for how the result is told. May be given twice.",
            valueName: "path|json|table"
        ),
        completion: .file()
    )
    var output: [String] = []

    /// How the result is told.
    var format: OutputFormat { output.compactMap { OutputFormat(rawValue: $0) }.last ?? .table }

    /// Where to write, if anything was said.
    var path: String? { output.last { OutputFormat(rawValue: $0) == nil } }

    func validate() throws {
        guard output.filter({ OutputFormat(rawValue: $0) == nil }).count <= 1 else {
            throw ValidationError("--output names two places; one is enough")
        }
        guard path != "" else { throw ValidationError("--output needs a path, or 'json'") }
    }
}
