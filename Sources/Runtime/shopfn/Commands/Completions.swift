import ArgumentParser
import JSON

/// `shopfn completions SHELL`: the script that completes commands, options and names of functions.
struct CompletionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the completion script of a shell.",
        discussion: """
            bash:  shopfn completions bash > ~/.local/share/bash-completion/completions/shopfn
            zsh:   shopfn completions zsh > "${fpath[1]}/_shopfn"
            fish:  shopfn completions fish > ~/.config/fish/completions/shopfn.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        let script = Shopfn.completionScript(for: kind)
        switch output.output {
        case .table: Terminal.write(script + "\n")
        case .json:
            Terminal.write(
                json: .object(JSONObject([("shell", .string(shell.rawValue)), ("script", .string(script))]))
            )
        }
    }
}
