import ArgumentParser
import Manifest

/// Where the program starts: parses, runs, and turns whatever went wrong into a line and an exit code.
@main enum CommandLineEntry {
    static func main() async {
        Terminal.ignoreBrokenPipes()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try await Shopfn.asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Terminal.exit(report(error, arguments: arguments))
        }
    }

    /// Shows an error in the chosen form and gives the exit code.
    private static func report(_ error: any Error, arguments: [String]) -> ExitStatus {
        let format = OutputFormat(scanning: arguments)
        if let failure = error as? CommandFailure {
            failure.show(format: format)
            return failure.status
        }
        if error is CancellationError { return .deadlinePassed }
        if Shopfn.exitCode(for: error) == .success {
            // Help, the version, a completion script: asked for, so no failure.
            let text = Shopfn.fullMessage(for: error)
            Terminal.write(text.hasSuffix("\n") ? text : text + "\n")
            return .done
        }
        if let code = error as? ExitCode { return ExitStatus(rawValue: code.rawValue) ?? .functionFailed }
        let failure = usageFailure(error, arguments: arguments)
        failure.show(format: format)
        return failure.status
    }

    /// A command line that cannot be understood: what is wrong with it and how it is written.
    private static func usageFailure(_ error: any Error, arguments: [String]) -> CommandFailure {
        let message = Shopfn.message(for: error).split(separator: "\n").first.map(String.init) ?? "\(error)"
        let usage = Shopfn.fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Usage: ") }
        var fix = usage.map { "write \($0.dropFirst("Usage: ".count)); more with --help" } ?? "see 'shopfn --help'"
        let commands = Shopfn.configuration.subcommands.compactMap { $0.configuration.commandName }
        if let first = arguments.first, !first.hasPrefix("-"), !commands.contains(first) {
            fix =
                NearestName.nearest(to: first, among: commands).map { "did you mean 'shopfn \($0)'?" }
                ?? "the commands are \(commands.joined(separator: ", "))"
            return CommandFailure(.wrongUsage, code: "usage", "there is no command '\(first)'", fix: fix)
        }
        return CommandFailure(.wrongUsage, code: "usage", message, fix: fix)
    }
}
