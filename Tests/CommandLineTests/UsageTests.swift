import Foundation
import JSON
import Testing

/// What every command has in common: help, exit codes, one line for a failure.
@Suite struct UsageTests {
    private func run(_ arguments: String...) throws -> Shopfn.Result {
        let shopfn = Shopfn(folder: URL(filePath: "/"))
        return switch arguments.count {
        case 0: try shopfn()
        case 1: try shopfn(arguments[0])
        case 2: try shopfn(arguments[0], arguments[1])
        default: try shopfn(arguments[0], arguments[1], arguments[2])
        }
    }

    @Test func helpAndVersionAreNoFailures() throws {
        for arguments in ["--help", "help"] {
            let result = try run(arguments)
            #expect(result.status == 0 && result.text.contains("SUBCOMMANDS:") && result.errors == "")
        }
        let version = try run("--version")
        #expect(version.status == 0 && version.text.contains(".") && version.text.hasSuffix("\n"))
    }

    @Test func aWrongCommandLineIsOneLineWithTheFix() throws {
        let unknown = try run("chek")
        #expect(unknown.status == 2 && unknown.text == "")
        #expect(unknown.errors == "shopfn: there is no command 'chek'; did you mean 'shopfn check'?\n")
        #expect(try run("frobnicate").errors.contains("the commands are "))
        let option = try run("check", "--frob")
        #expect(option.status == 2)
        #expect(option.errors.hasPrefix("shopfn: Unknown option '--frob'; write shopfn check "))
        #expect(option.errors.split(separator: "\n").count == 1)
    }

    @Test func failuresAreJSONWhereJSONIsAskedFor() throws {
        for arguments in [["check", "--frob", "--output=json"], ["list", "--output", "json"]] {
            let result =
                arguments.count == 3
                ? try run(arguments[0], arguments[1], arguments[2]) : try run("list", "--output=json")
            #expect(result.status == 2)
            let error = try result.json()["error"]
            #expect(error?["exitCode"] == 2)
            #expect(error?["message"]?.stringValue?.isEmpty == false && error?["fix"]?.stringValue?.isEmpty == false)
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionScriptsNameTheCommands(_ shell: String) throws {
        let result = try run("completions", shell)
        #expect(result.status == 0)
        for command in ["check", "list", "events"] { #expect(result.text.contains(command)) }
        #expect(try run("--generate-completion-script", shell).text == result.text)
    }

    @Test func theBashScriptIsWellFormed() throws {
        let folder = try TemporaryFolder()
        try folder.write("script", try run("completions", "bash").text)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-n", folder.url.appending(path: "script").path(percentEncoded: false)]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
