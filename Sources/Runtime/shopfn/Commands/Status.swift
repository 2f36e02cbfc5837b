import ArgumentParser
import Deployment
import JSON
import Kubernetes
import Manifest

/// `shopfn status`: what runs, against what is to run.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show which image each function is to run, which its pods do run, and why where they differ.",
        discussion: "Of what 'shopfn serve' runs on this machine, 'shopfn pools' shows the workers."
    )

    @Argument(help: "The functions; all of them where none is named.", completion: FunctionNameCompletion.kind)
    var names: [String] = []

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let loaded = try manifest.load(checksModules: false, variables: variables, format: output.output)
        let declared = loaded.manifest.functions.map(\.name)
        let states = try await cluster.withClient(
            service: loaded.manifest.service,
            locally: "'shopfn pools' shows the workers"
        ) { client in
            try await FunctionState.all(of: loaded.manifest.service, declared: declared, client: client)
        }
        for name in names where !states.contains(where: { $0.name == name }) { _ = try loaded.function(named: name) }
        let shown = names.isEmpty ? states : states.filter { names.contains($0.name) }
        switch output.output {
        case .json: Terminal.write(json: ["functions": .array(shown.map(\.json))])
        case .table:
            var table = Table("FUNCTION", "STATE", "DESIRED", "RUNNING", "PODS", "REVISION", "REASON")
            for state in shown {
                let running = state.running.sorted { $0.key < $1.key }.map { "\($0.value)×\(Self.short($0.key))" }
                table.add(
                    state.name,
                    state.health.rawValue,
                    state.desired.map(Self.short) ?? "-",
                    running.isEmpty ? "-" : running.joined(separator: " "),
                    "\(state.ready)/\(state.wanted)",
                    state.revision.map(String.init) ?? "-",
                    state.reason ?? "-"
                )
            }
            Terminal.write(table.text)
        }
    }

    /// An image by what tells it from others: the first digits of its digest, else its tag.
    static func short(_ image: String) -> String {
        let last = image.split(separator: "/").last.map(String.init) ?? image
        guard let at = last.range(ofText: "@sha256:") else { return last }
        return String(last[..<at.lowerBound]) + "@" + last[at.upperBound...].prefix(12)
    }
}

extension String {
    fileprivate func range(ofText text: String) -> Range<String.Index>? {
        indices.lazy.compactMap { start in
            self[start...].hasPrefix(text) ? start..<index(start, offsetBy: text.count) : nil
        }.first
    }
}
