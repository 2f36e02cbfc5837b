import ArgumentParser

/// How a command's result is written.
enum OutputFormat: String, CaseIterable {
    /// For people.
    case table
    /// For programs.
    case json

    /// The format that a command line asks for, found without parsing it: it may be the parsing that failed.
    init(scanning arguments: [String]) {
        for (index, argument) in arguments.enumerated() {
            if argument == "--output", index + 1 < arguments.count, arguments[index + 1] == "json" {
                self = .json
                return
            }
            if argument == "--output=json" {
                self = .json
                return
            }
            if argument == "--" { break }
        }
        self = .table
    }
}

/// `--output`, which every command has.
struct OutputOptions: ParsableArguments {
    @Option(help: "Write the result as a table for people, or as JSON for programs.")
    var output = OutputFormat.table
}

extension OutputFormat: ExpressibleByArgument {}
