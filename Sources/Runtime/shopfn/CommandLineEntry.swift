import ArgumentParser

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
            Terminal.exit(report(error, format: OutputFormat(scanning: arguments)))
        }
    }

    /// Shows an error in the chosen form and gives the exit code.
    private static func report(_ error: any Error, format: OutputFormat) -> ExitStatus {
        if let failure = error as? CommandFailure {
            failure.show(format: format)
            return failure.status
        }
        if error is CancellationError { return .deadlinePassed }
        if Shopfn.exitCode(for: error) == .success {
            // Help, the version, a completion script: asked for, so no failure.
            Terminal.write(Shopfn.fullMessage(for: error))
            return .done
        }
        if let code = error as? ExitCode { return ExitStatus(rawValue: code.rawValue) ?? .functionFailed }
        let message = Shopfn.message(for: error)
        let usage = Shopfn.fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Usage: ") }
        let failure = CommandFailure(
            .wrongUsage,
            code: "usage",
            message.split(separator: "\n").first.map(String.init) ?? message,
            fix: usage.map { "write \($0.dropFirst("Usage: ".count)); more with --help" } ?? "see 'shopfn --help'"
        )
        failure.show(format: format)
        return failure.status
    }
}
