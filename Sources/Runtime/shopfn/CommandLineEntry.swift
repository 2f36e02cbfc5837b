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
        if let failure = unknownCommand(arguments) { return failure }
        let message = Shopfn.message(for: error).split(separator: "\n").first.map(String.init) ?? "\(error)"
        let usage = Shopfn.fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Usage: ") }
            .map { String($0.dropFirst("Usage: ".count)) }
        let (problem, fix) = UsageAdvice.parts(of: message, usage: usage)
        return CommandFailure(.wrongUsage, code: "usage", problem, fix: fix)
    }

    /// A word where a command should stand, or one of a command's own commands.
    private static func unknownCommand(_ arguments: [String]) -> CommandFailure? {
        guard let first = arguments.first, !first.hasPrefix("-"), first != "help" else { return nil }
        guard let command = named(first, Shopfn.configuration.subcommands) else {
            return unknown(first, under: "shopfn", Shopfn.configuration.subcommands)
        }
        let own = command.configuration.subcommands
        guard !own.isEmpty, arguments.count > 1, !arguments[1].hasPrefix("-"), named(arguments[1], own) == nil else {
            return nil
        }
        return unknown(arguments[1], under: "shopfn \(first)", own)
    }

    private static func named(
        _ name: String,
        _ commands: [any ParsableCommand.Type]
    ) -> (any ParsableCommand.Type)? {
        commands.first { $0.configuration.commandName == name }
    }

    private static func unknown(
        _ name: String,
        under parent: String,
        _ commands: [any ParsableCommand.Type]
    ) -> CommandFailure {
        let names = commands.compactMap { $0.configuration.commandName }
        return CommandFailure(
            .wrongUsage,
            code: "usage",
            "there is no command '\(parent == "shopfn" ? name : "\(parent) \(name)")'",
            fix: NearestName.nearest(to: name, among: names).map { "did you mean '\(parent) \($0)'?" }
                ?? "the commands are \(names.joined(separator: ", "))"
        )
    }
}
