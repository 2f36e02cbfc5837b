import FoundationEssentials
import HTTPTransfer
import JSON

extension ClusterConfiguration {
    /// The configuration that kubeconfig files hold.
    ///
    /// Of several files the first that says something counts, and files that are not there are passed over, as with
    /// kubectl.
    ///
    /// - Throws: ``ClusterConfigurationError`` if a file is wrong, or the context or what it names is not in any.
    package static func kubeconfig(
        at paths: [String],
        context wanted: String? = nil
    ) throws(ClusterConfigurationError) -> ClusterConfiguration {
        let files = try paths.filter(TextFile.exists).map(KubeconfigFile.init)
        guard !files.isEmpty else {
            throw ClusterConfigurationError("there is no kubeconfig at \(paths.joined(separator: " or "))")
        }
        let current = files.lazy.compactMap { $0.text("current-context") }.first
        guard let name = wanted ?? current else {
            throw ClusterConfigurationError(
                "the kubeconfig names no current-context; choose one with 'kubectl config use-context' or --context"
            )
        }
        guard let context = entry("context", in: "contexts", named: name, files) else {
            let known = files.flatMap { $0.names(of: "contexts") }.joined(separator: ", ")
            throw ClusterConfigurationError(
                "the kubeconfig has no context \(name); it has \(known.isEmpty ? "none" : known)"
            )
        }
        let clusterName = context.text("cluster") ?? ""
        guard let cluster = entry("cluster", in: "clusters", named: clusterName, files) else {
            throw ClusterConfigurationError("the context \(name) names the cluster \(clusterName), which is not there")
        }
        let userName = context.text("user") ?? ""
        let user = entry("user", in: "users", named: userName, files)
        if user == nil, !userName.isEmpty {
            throw ClusterConfigurationError("the context \(name) names the user \(userName), which is not there")
        }
        var configuration = try cluster.makeCluster(named: clusterName)
        if let namespace = context.text("namespace") { configuration.namespace = namespace }
        if let user { configuration.credentials = try user.makeCredentials(named: userName, cluster: configuration) }
        return configuration
    }

    private static func entry(
        _ key: String,
        in list: String,
        named name: String,
        _ files: [KubeconfigFile]
    ) -> KubeconfigEntry? {
        files.lazy.compactMap { $0.entry(key, in: list, named: name) }.first
    }
}

/// One kubeconfig file.
private struct KubeconfigFile {
    let path: String
    let content: JSONValue

    init(_ path: String) throws(ClusterConfigurationError) {
        self.path = path
        let text = try TextFile.read(path)
        do throws(ManifestTextError) {
            content = try YAMLText.values(text).first ?? .null
        } catch {
            throw ClusterConfigurationError("the kubeconfig \(path) is no YAML: \(error)")
        }
        if let kind = content["kind"]?.stringValue, kind != "Config" {
            throw ClusterConfigurationError("\(path) holds a \(kind), no kubeconfig")
        }
    }

    func text(_ key: String) -> String? {
        content[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    func names(of list: String) -> [String] {
        (content[list]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }

    func entry(_ key: String, in list: String, named name: String) -> KubeconfigEntry? {
        let found = content[list]?.arrayValue?.first { $0["name"]?.stringValue == name }
        return found.map {
            KubeconfigEntry(content: $0[key] ?? .null, folder: path.folder)
        }
    }
}

/// A cluster, a user or a context of a kubeconfig, with the folder that its paths are relative to.
private struct KubeconfigEntry {
    let content: JSONValue
    let folder: String

    func text(_ key: String) -> String? {
        content[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    func path(_ key: String) -> String? {
        text(key).map { $0.hasPrefix("/") || folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }

    /// What stands in the file itself goes before the file it names.
    func pem(_ key: String) throws(ClusterConfigurationError) -> HTTPClientConfiguration.PEM? {
        if let text = text("\(key)-data") {
            guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
                throw ClusterConfigurationError("\(key)-data in the kubeconfig is not base64")
            }
            return .text([UInt8](data))
        }
        return path(key).map { .file($0) }
    }

    func makeCluster(named name: String) throws(ClusterConfigurationError) -> ClusterConfiguration {
        guard let server = text("server") else {
            throw ClusterConfigurationError("the cluster \(name) in the kubeconfig has no server")
        }
        if content["insecure-skip-tls-verify"]?.boolValue == true {
            throw ClusterConfigurationError(
                "the cluster \(name) in the kubeconfig sets insecure-skip-tls-verify; certificates are always verified "
                    + "here: give certificate-authority instead"
            )
        }
        guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw ClusterConfigurationError(
                "the server \(server) of the cluster \(name) must begin with https:// or http://"
            )
        }
        return ClusterConfiguration(
            server: server.hasSuffix("/") ? String(server.dropLast()) : server,
            authorities: try pem("certificate-authority"),
            serverName: text("tls-server-name"),
            proxy: text("proxy-url")
        )
    }

    func makeCredentials(
        named name: String,
        cluster: ClusterConfiguration
    ) throws(ClusterConfigurationError) -> Credentials {
        if text("as") != nil {
            throw ClusterConfigurationError(
                "the user \(name) in the kubeconfig acts as somebody else (as), which is not supported; give a user of its own"
            )
        }
        if let certificate = try pem("client-certificate") {
            guard let key = try pem("client-key") else {
                throw ClusterConfigurationError(
                    "the user \(name) in the kubeconfig has a client-certificate, no client-key"
                )
            }
            return .certificate(certificate, key: key)
        }
        if let file = path("tokenFile") { return .tokenFile(file) }
        if let token = text("token") { return .token(token) }
        if let user = text("username") { return .basic(user: user, password: text("password") ?? "") }
        if let exec = content["exec"], !exec.isNull { return .exec(try makePlugin(exec, named: name)) }
        if content["auth-provider"] != nil {
            throw ClusterConfigurationError(
                "the user \(name) in the kubeconfig uses an auth-provider, which Kubernetes 1.26 gave up; use exec"
            )
        }
        return .none
    }

    private func makePlugin(
        _ exec: JSONValue,
        named name: String
    ) throws(ClusterConfigurationError) -> CredentialPlugin {
        guard let command = exec["command"]?.stringValue, !command.isEmpty else {
            throw ClusterConfigurationError("exec of the user \(name) in the kubeconfig has no command")
        }
        let version = exec["apiVersion"]?.stringValue ?? ""
        guard CredentialPlugin.versions.contains(version) else {
            throw ClusterConfigurationError(
                "exec of the user \(name) in the kubeconfig is of \(version.isEmpty ? "no apiVersion" : version); known are "
                    + CredentialPlugin.versions.joined(separator: " and ")
            )
        }
        // A path is relative to the file; a bare name is looked for on PATH.
        let isRelative = command.contains("/") && !command.hasPrefix("/") && !folder.isEmpty
        var variables: [String: String] = [:]
        for variable in exec["env"]?.arrayValue ?? [] {
            guard let key = variable["name"]?.stringValue else { continue }
            variables[key] = variable["value"]?.stringValue ?? ""
        }
        return CredentialPlugin(
            command: isRelative ? "\(folder)/\(command)" : command,
            arguments: (exec["args"]?.arrayValue ?? []).compactMap(\.stringValue),
            environment: variables,
            version: version,
            getsCluster: exec["provideClusterInfo"]?.boolValue == true,
            installHint: exec["installHint"]?.stringValue
        )
    }
}
