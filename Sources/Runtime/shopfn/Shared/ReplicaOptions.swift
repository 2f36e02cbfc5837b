import ArgumentParser
import FoundationEssentials
import Kubernetes

/// For commands that run on a cluster in several replicas.
struct ReplicaOptions: ParsableArguments {
    @Option(help: "The kubeconfig; by default that of KUBECONFIG, then ~/.kube/config, then the pod's ServiceAccount.")
    var kubeconfig: String?

    @Option(help: "The kubeconfig's context; by default its current one.")
    var context: String?

    @Option(
        help: ArgumentHelp("The namespace; by default the pod's own or the context's.", valueName: "name")
    )
    var namespace: String?

    @Option(
        help: ArgumentHelp("Who this is among several; by default $POD_NAME, else the host's name.", valueName: "name")
    )
    var identity: String?

    /// The replica's name.
    var name: String { identity ?? ProcessInfo.processInfo.environment["POD_NAME"] ?? HostName.text }

    /// The cluster, and the namespace in it.
    ///
    /// - Throws: `CommandFailure` where none is known.
    func cluster() throws -> ClusterConfiguration {
        do {
            let environment = ProcessInfo.processInfo.environment
            var found = try ClusterConfiguration.load(
                kubeconfig: kubeconfig,
                context: context,
                environment: environment
            )
            if let namespace { found.namespace = namespace }
            return found
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "no-cluster",
                "no cluster is known: \(error)",
                fix: "in a pod, give it a ServiceAccount's token; elsewhere name a kubeconfig with --kubeconfig"
            )
        }
    }
}
