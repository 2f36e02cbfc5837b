import ArgumentParser
import Glibc
import Kubernetes
import Text

/// Which cluster, and where in it.
struct ClusterOptions: ParsableArguments {
    @Option(help: "The kubeconfig; by default that of KUBECONFIG, then ~/.kube/config.", completion: .file())
    var kubeconfig: String?

    @Option(help: "The kubeconfig's context; by default its current one.")
    var context: String?

    @Option(help: "The namespace; by default that of the service's name.")
    var namespace: String?

    /// Runs with a client of the cluster, and closes it.
    ///
    /// - Parameters:
    ///   - service: Whose name is the namespace's, where none is chosen.
    ///   - locally: What to use instead for what `shopfn serve` runs, told where there is no cluster.
    ///   - body: Is handed the client.
    /// - Returns: What `body` does.
    /// - Throws: `CommandFailure` for what the cluster or the way to it does not allow.
    func withClient<Result>(
        service: String,
        locally: String? = nil,
        _ body: (KubernetesClient) async throws -> Result
    ) async throws -> Result {
        var configuration: ClusterConfiguration
        do {
            configuration = try .load(kubeconfig: kubeconfig, context: context, environment: Self.environment)
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "no-cluster",
                "no cluster is known: \(error)",
                fix: "name a kubeconfig with --kubeconfig; for EKS 'aws eks update-kubeconfig' writes one"
                    + (locally.map { "; of what 'shopfn serve' runs, \($0)" } ?? "")
            )
        }
        configuration.namespace = namespace ?? service
        let client = KubernetesClient(configuration)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            if let error = error as? KubernetesError { throw CommandFailure(error) }
            throw error
        }
    }

    static var environment: [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let line = entry.pointee {
            let text = String(cString: line)
            if let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return values
    }
}

extension CommandFailure {
    /// What the cluster said, in the terms of the command line.
    init(_ error: KubernetesError) {
        if error.isConflict {
            let message = error.status?.message ?? ""
            let isArgo = message.includes("argocd")
            self.init(
                .unreachable,
                code: "field-owned",
                "somebody else manages what was to be changed: \(message)",
                fix: isArgo
                    ? "Argo CD delivers it: use '--to git', or take it over with --force until Argo CD puts it back"
                    : "take it over with --force"
            )
        } else {
            let fix =
                error.isForbidden
                ? "ask for the right; 'shopfn doctor' shows which you have"
                : error.isUnauthorized
                    ? "sign in to the cluster again"
                    : error.isNotFound
                        ? "is the namespace there? 'shopfn deploy shopfn' makes it, with gateway and autoscaler"
                        : "'shopfn doctor' looks at the way to the cluster"
            self.init(.unreachable, code: "cluster", "\(error)", fix: fix)
        }
    }
}
