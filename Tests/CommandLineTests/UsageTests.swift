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

    @Test func whatWasMeantIsNamedRatherThanEveryOption() throws {
        let option = try run("serve", "--prot", "80")
        #expect(option.errors == "shopfn: Unknown option '--prot'; did you mean '--port'?\n")
        let value = try run("serve", "--port", "abc")
        #expect(value.errors.hasSuffix("'--port <port>'; 'shopfn serve --help' tells more\n"), "\(value.errors)")
        let choice = try run("pools", "--output", "yaml")
        #expect(choice.errors.hasSuffix("'--output <output>'; give one of 'table' and 'json'\n"), "\(choice.errors)")
        let own = try run("events", "htpt")
        #expect(
            own.errors == "shopfn: there is no command 'shopfn events htpt'; did you mean 'shopfn events http'?\n"
        )
        #expect(try run("doctor", "xyzzy").errors.contains("the commands are system, shop"))
    }

    @Test func anAddressNeedsNoScheme() throws {
        // Port 1 of loopback: nobody may listen there but root, and nobody does.
        for address in ["1", ":1", "127.0.0.1:1", "http://127.0.0.1:1/"] {
            let result = try run("pools", "--admin", address)
            #expect(result.status == 3 && result.errors.contains("http://127.0.0.1:1 does not answer"), "\(result)")
        }
    }

    @Test func aValkeyURLThatIsNoneIsRefusedBeforeAnythingStarts() throws {
        let folder = try TemporaryFolder()
        try folder.write("functions.yaml", "version: 1\nservice: shop\nfunctions: {}\n")
        var shopfn = Shopfn(folder: folder)
        let option = try shopfn("serve", "--valkey", "nonsense")
        #expect(option.status == 2 && option.errors.contains("--valkey: "), "\(option)")
        shopfn.environment["VALKEY_URL"] = "nonsense"
        let variable = try shopfn("serve")
        #expect(variable.status == 2 && variable.errors.contains("VALKEY_URL: "), "\(variable)")
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
