import ChildProcesses
import Glibc
import JSON

/// Asks a cluster whether it is there, what one may do in it, and which pods wait in vain.
///
/// It asks through `kubectl`, which knows every way of signing in to a cluster.
struct ClusterExamination {
    /// The context of the kubeconfig; the current one when not given.
    var context: String?
    var namespace: String

    /// What `shopfn` and its operators do there.
    static let rights = [
        ("get", "pods"), ("list", "events"), ("get", "deployments.apps"), ("patch", "deployments.apps"),
        ("patch", "deployments.apps/scale"), ("get", "pods/log"),
    ]

    /// - Parameter isWanted: Whether a cluster was asked for; if not, one that is not configured is nothing wrong.
    /// - Returns: How the cluster is, what one may do, and each pod that waits in vain.
    func findings(isWanted: Bool) -> [Finding] {
        guard let kubectl = Self.path(of: "kubectl") else {
            let message = "kubectl is not installed"
            guard isWanted else { return [.skipped(.cluster, message)] }
            return [.wrong(.cluster, message, fix: "https://kubernetes.io/docs/tasks/tools says how to get it")]
        }
        if !isWanted, !Self.isConfigured() {
            return [.skipped(.cluster, "no kubeconfig is there, so no cluster is asked")]
        }
        switch ask(kubectl, ["version", "--output", "json"]) {
        case .failure(let reason):
            return [
                .wrong(
                    .cluster,
                    "the Kubernetes API does not answer: \(reason.text)",
                    fix: "correct the context, sign in, or let your address in with 'api_allowed_cidrs'"
                )
            ]
        case .success(let answer):
            let version = answer["serverVersion"]?["gitVersion"]?.stringValue ?? "of unknown version"
            return [.right(.cluster, "the Kubernetes API answers, \(version)")] + rightsFindings(kubectl)
                + podFindings(kubectl)
        }
    }

    private func rightsFindings(_ kubectl: String) -> [Finding] {
        let refused = Self.rights.filter { verb, resource in
            let parts = resource.split(separator: "/")
            let subresource = parts.count == 2 ? ["--subresource", String(parts[1])] : []
            let arguments = ["auth", "can-i", verb, String(parts[0]), "--namespace", namespace] + subresource
            return !run(kubectl, arguments).map { $0.output.starts(with: Array("yes".utf8)) }.valueOr(false)
        }
        guard refused.isEmpty else {
            let list = refused.map { "\($0) \($1)" }.joined(separator: ", ")
            return [
                .wrong(
                    .rights,
                    "you may not \(list) in the namespace \(namespace)",
                    fix: "ask for them: on EKS, your role belongs into 'admins' or 'deployers' of terraform/"
                )
            ]
        }
        return [.right(.rights, "you may look at \(namespace), roll out and scale in it")]
    }

    private func podFindings(_ kubectl: String) -> [Finding] {
        switch ask(kubectl, ["get", "pods", "--namespace", namespace, "--output", "json"]) {
        case .failure(let reason): [.skipped(.cluster, "the pods of \(namespace) cannot be listed: \(reason.text)")]
        case .success(let answer): Self.waiting(in: answer, namespace: namespace)
        }
    }

    /// The pods that wait for something that will not come by itself.
    static func waiting(in answer: JSONValue, namespace: String) -> [Finding] {
        let pods = answer["items"]?.arrayValue ?? []
        let findings = pods.flatMap { pod -> [Finding] in
            let name = pod["metadata"]?["name"]?.stringValue ?? "a pod"
            return (pod["status"]?["containerStatuses"]?.arrayValue ?? []).compactMap { container in
                guard let reason = container["state"]?["waiting"]?["reason"]?.stringValue, let fix = fixes[reason]
                else { return nil }
                let image = container["image"]?.stringValue ?? "its image"
                return .wrong(.cluster, "\(name) waits with \(reason), \(image)", fix: fix)
            }
        }
        return findings.isEmpty ? [.right(.cluster, "no pod of \(namespace) waits in vain")] : findings
    }

    private static let fixes = [
        "ErrImagePull": "has it been delivered? 'kubectl describe pod' shows what the registry said",
        "ImagePullBackOff": "has it been delivered? 'kubectl describe pod' shows what the registry said",
        "InvalidImageName": "mend the image in the overlay with scripts/platform/set_digests.py",
        "CrashLoopBackOff": "'kubectl logs --previous' shows why it ended",
        "CreateContainerConfigError": "'kubectl describe pod' names the ConfigMap or Secret that is missing",
    ]

    // MARK: - kubectl

    /// Why it gave no answer.
    private struct Reason: Error {
        var text: String
    }

    private func ask(_ kubectl: String, _ arguments: [String]) -> Result<JSONValue, Reason> {
        run(kubectl, arguments).flatMap { result in
            do {
                return .success(try JSONValue(parsing: result.output))
            } catch {
                return .failure(Reason(text: "its answer is no JSON"))
            }
        }
    }

    private func run(_ kubectl: String, _ arguments: [String]) -> Result<ChildProcess.Result, Reason> {
        let chosen = context.map { ["--context", $0] } ?? []
        do {
            let result = try ChildProcess.run(
                kubectl,
                chosen + ["--request-timeout", "5s"] + arguments,
                milliseconds: 15_000,
                outputLimit: 64 << 20
            )
            if result.end == .exited(0) { return .success(result) }
            let said = result.errors.split(whereSeparator: \.isNewline).last.map(String.init)
            return .failure(Reason(text: said ?? "kubectl ended with \(result.end)"))
        } catch {
            return .failure(Reason(text: "kubectl cannot be run: \(error.reason)"))
        }
    }

    private static func path(of program: String) -> String? {
        guard let path = getenv("PATH").map({ String(cString: $0) }) else { return nil }
        return path.split(separator: ":").map { FileSystem.join(String($0), program) }
            .first { FileSystem.isExecutable($0) }
    }

    private static func isConfigured() -> Bool {
        if getenv("KUBECONFIG") != nil || getenv("KUBERNETES_SERVICE_HOST") != nil { return true }
        guard let home = getenv("HOME").map({ String(cString: $0) }) else { return false }
        return FileSystem.exists(FileSystem.join(home, ".kube/config"))
    }
}

extension Result {
    /// The value, or another where there is none.
    fileprivate func valueOr(_ other: Success) -> Success {
        if case .success(let value) = self { return value }
        return other
    }
}
