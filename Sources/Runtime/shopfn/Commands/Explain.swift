import ArgumentParser
import JSON
import Manifest
import Scaling

/// `shopfn explain`: why a pool has the workers it has.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a function has the workers it has: the last decisions, and what comes next.",
        discussion: "Asks the running scaler: that of 'shopfn serve', or any other with such an admin port."
    )

    @Argument(help: "The function's name.", completion: FunctionNameCompletion.kind)
    var function: String

    @Option(help: ArgumentHelp("The address of the scaler's admin port.", valueName: "url"))
    var admin = "http://127.0.0.1:9090"

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = AdminClient(admin)
        // A name that no function can have is not made part of an address.
        let known = Naming.isName(function) ? try await client.find("/api/pools/\(function)") : nil
        guard let document = known else { throw try await unknown(client) }
        switch output.output {
        case .json: Terminal.write(json: document)
        case .table: Terminal.write(ExplanationText(document).text)
        }
    }

    private func unknown(_ client: AdminClient) async throws -> CommandFailure {
        let pools = try await client.get("/api/pools")["pools"]?.arrayValue ?? []
        let names = pools.compactMap { $0["function"]?.stringValue }.sorted()
        let nearest = NearestName.nearest(to: function, among: names)
        let list = names.isEmpty ? "it serves none" : "it serves \(names.joined(separator: ", "))"
        return CommandFailure(
            .wrongUsage,
            code: "unknown-function",
            "\(admin) serves no function '\(function)'",
            fix: (nearest.map { "did you mean '\($0)'? " } ?? "") + list,
            details: JSONObject([("functions", .array(names.map { .string($0) }))])
        )
    }
}
