import ChildProcesses
import Dispatch
import FoundationEssentials
import HTTPTransfer
import JSON

/// A program that says who a client is: `client.authentication.k8s.io`, as in a kubeconfig's `exec`.
package struct CredentialPlugin: Hashable, Sendable {
    static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
    static let patience = Duration.seconds(60)
    /// A token and two PEM files are some kilobytes.
    static let outputLimit = 4 << 20

    package var command: String
    package var arguments: [String]
    /// Variables beyond this process' own.
    package var environment: [String: String]
    package var version: String
    /// Whether the program is told of the cluster.
    package var getsCluster: Bool
    /// What to tell somebody who lacks the program.
    package var installHint: String?

    package init(
        command: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        version: String,
        getsCluster: Bool = false,
        installHint: String? = nil
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.version = version
        self.getsCluster = getsCluster
        self.installHint = installHint
    }
}

extension CredentialPlugin {
    /// Runs the program and takes what it gives.
    func run(for cluster: ClusterConfiguration) async throws(KubernetesError) -> Login {
        guard let path = locate() else {
            let hint = installHint.map { "; \($0.trimmed)" } ?? ""
            throw .credentials("the kubeconfig's credential plugin \(command) is not on PATH\(hint)")
        }
        var variables = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        variables["KUBERNETES_EXEC_INFO"] = "\(question(cluster))"
        let result: ChildProcess.Result
        do throws(ChildProcess.StartFailure) {
            result = try await Self.run(path, arguments, variables).get()
        } catch {
            throw .credentials("the credential plugin \(command) cannot be started: \(error.reason)")
        }
        let end: String
        switch result.end {
        case .exited(0): return try answer(result.output)
        case .exited(let code): end = "failed with exit code \(code)"
        case .signalled(let signal): end = "was ended by signal \(signal)"
        case .tookTooLong: end = "took longer than \(Self.patience)"
        case .saidTooMuch: end = "printed more than \(Self.outputLimit >> 20) MiB"
        }
        throw .credentials("the credential plugin \(command) \(end)")
    }

    private func question(_ cluster: ClusterConfiguration) -> JSONValue {
        var spec: JSONValue = ["interactive": false]
        if getsCluster {
            var told: JSONValue = ["server": .string(cluster.server)]
            if let name = cluster.serverName { told = told.with("tls-server-name", .string(name)) }
            if case .text(let bytes) = cluster.authorities {
                told = told.with("certificate-authority-data", .string(Data(bytes).base64EncodedString()))
            } else if case .file(let path) = cluster.authorities, let data = FileManager.default.contents(atPath: path)
            {
                told = told.with("certificate-authority-data", .string(data.base64EncodedString()))
            }
            spec = spec.with("cluster", told)
        }
        return ["apiVersion": .string(version), "kind": "ExecCredential", "spec": spec]
    }

    /// Reads an `ExecCredential`.
    func answer(_ output: [UInt8]) throws(KubernetesError) -> Login {
        guard let document = try? JSONValue(parsing: output), document["kind"]?.stringValue == "ExecCredential" else {
            throw .credentials("what the credential plugin \(command) printed is no ExecCredential")
        }
        guard document["apiVersion"]?.stringValue == version else {
            let found = document["apiVersion"]?.stringValue ?? "none"
            throw .credentials("the credential plugin \(command) answered in \(found), asked for was \(version)")
        }
        let status = document["status"]
        var login = Login()
        if let token = status?["token"]?.stringValue, !token.isEmpty { login.authorization = "Bearer \(token)" }
        if let certificate = status?["clientCertificateData"]?.stringValue,
            let key = status?["clientKeyData"]?.stringValue
        {
            login.certificate = .text([UInt8](certificate.utf8))
            login.key = .text([UInt8](key.utf8))
        }
        guard login.authorization != nil || login.certificate != nil else {
            throw .credentials("the credential plugin \(command) gave neither a token nor a certificate with its key")
        }
        if let text = status?["expirationTimestamp"]?.stringValue {
            guard let moment = Timestamp.parse(text) else {
                throw .credentials("the credential plugin \(command) gave an expirationTimestamp that is none: \(text)")
            }
            login.expires = moment
        }
        return login
    }

    private func locate() -> String? {
        let manager = FileManager.default
        if command.contains("/") { return manager.isExecutableFile(atPath: command) ? command : nil }
        let path = environment["PATH"] ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { "\($0)/\(command)" }.first(where: manager.isExecutableFile)
    }

    /// Runs the program to its end.
    ///
    /// What it says to its standard error goes to this process' own: it may ask its user to log in.
    private static func run(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String]
    ) async -> Result<ChildProcess.Result, ChildProcess.StartFailure> {
        await withCheckedContinuation { continuation in
            // It blocks, so it must not hold a thread of Swift's own pool.
            DispatchQueue.global().async {
                let result = Result { () throws(ChildProcess.StartFailure) in
                    try ChildProcess.run(
                        path,
                        arguments,
                        milliseconds: Int(patience.components.seconds) * 1_000,
                        outputLimit: outputLimit,
                        environment: environment,
                        gathersErrors: false
                    )
                }
                continuation.resume(returning: result)
            }
        }
    }
}

extension JSONValue {
    /// This object with one more member.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        var object = objectValue ?? JSONObject()
        object[name] = value
        return .object(object)
    }
}
