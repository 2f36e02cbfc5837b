import ArgumentParser
import Deployment
import JSON
import Kubernetes
import Manifest

/// `shopfn logs`: what a function's workers say.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what a function's pods have logged.",
        discussion: """
            With more than one pod each line begins with its pod's name. With --follow pods that start later are \
            followed too, until it is interrupted. With --output json each line is an object with pod and line.
            """
    )

    @Argument(help: "The function.", completion: FunctionNameCompletion.kind)
    var name: String

    @Flag(name: .shortAndLong, help: "Go on as more is logged.")
    var follow = false

    @Option(help: "How many of each pod's last lines to show.")
    var tail: Int?

    @Option(help: "How far back to begin, such as 10m.")
    var since: String?

    @Flag(help: "The logs of the containers before the present ones, which ended.")
    var previous = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var manifest: ManifestOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let tail, tail < 0 { throw ValidationError("--tail is a number of lines, 0 or more") }
        if follow, previous { throw ValidationError("--previous shows what has ended; there is nothing to follow") }
    }

    func run() async throws {
        var options = LogOptions()
        options.follow = follow
        options.previous = previous
        options.tailLines = tail
        options.since = try since.map { try DurationOption.parse($0, option: "--since") }
        let chosen = options
        let loaded = try manifest.load(checksModules: false, variables: variables, format: output.output)
        let format = output.output
        try await cluster.withClient(
            service: loaded.manifest.service,
            locally: "the logs are on its own standard error"
        ) { client in
            let selector = Selector.labels(["app.kubernetes.io/name": name, "app.kubernetes.io/component": "worker"])
            let pods = try await client.list(.pods, matching: selector).items
            if pods.isEmpty {
                // A name that is nobody's is a mistake; a function without pods is at rest.
                if try await client.find(.deployments, name) == nil { _ = try loaded.function(named: name) }
                Terminal.writeError("\(name) has no pods at the moment\n")
                guard follow else { return }
            }
            let printer = LogPrinter(format: format, namesPods: pods.count > 1 || follow)
            guard follow else {
                for pod in pods.sorted(by: { $0.name < $1.name }) {
                    await printer.print(client, pod: pod.name, chosen, isAlone: pods.count == 1)
                }
                return try await printer.check()
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                var seen: Set<String> = []
                for await update in client.updates(of: .pods, matching: selector) {
                    let found: [KubernetesObject] =
                        switch update {
                        case .listed(let pods): pods
                        case .changed(let pod): [pod]
                        default: []
                        }
                    for pod in found where pod["status", "phase"]?.stringValue != "Pending" {
                        guard seen.insert(pod.name).inserted else { continue }
                        group.addTask { await printer.print(client, pod: pod.name, chosen, isAlone: false) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
