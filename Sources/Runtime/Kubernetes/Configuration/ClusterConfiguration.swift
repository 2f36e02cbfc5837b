package import HTTPTransfer

/// Where an API server is, and how to be known to it.
package struct ClusterConfiguration: Sendable {
    /// The API server's URL, without a slash at its end.
    package var server: String
    /// The namespace of requests that name none.
    package var namespace: String
    /// The authorities that may vouch for the server; without them the system's.
    package var authorities: HTTPClientConfiguration.PEM?
    /// The name to look for in the server's certificate, where it is not the URL's host.
    package var serverName: String?
    /// The URL of a proxy on the way.
    package var proxy: String?
    package var credentials: Credentials

    package init(
        server: String,
        namespace: String = "default",
        authorities: HTTPClientConfiguration.PEM? = nil,
        serverName: String? = nil,
        proxy: String? = nil,
        credentials: Credentials = .none
    ) {
        self.server = server
        self.namespace = namespace
        self.authorities = authorities
        self.serverName = serverName
        self.proxy = proxy
        self.credentials = credentials
    }
}

/// How a client says who it is.
package enum Credentials: Hashable, Sendable {
    /// It does not.
    case none
    /// A bearer token that never changes.
    case token(String)
    /// A file with a bearer token, which somebody renews, as the kubelet does a ServiceAccount's.
    case tokenFile(String)
    case basic(user: String, password: String)
    case certificate(HTTPClientConfiguration.PEM, key: HTTPClientConfiguration.PEM)
    /// A program that gives a token or a certificate for a while, such as `aws eks get-token`.
    case exec(CredentialPlugin)
}

/// Why there is no configuration.
package struct ClusterConfigurationError: Error, Hashable, CustomStringConvertible {
    /// A sentence with what to do.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ClusterConfiguration {
    /// Finds the configuration as kubectl does: the file given, else those of `KUBECONFIG`, else `~/.kube/config`, else
    /// the ServiceAccount of the pod this runs in.
    ///
    /// - Throws: ``ClusterConfigurationError`` if there is none, or it is wrong.
    package static func load(
        kubeconfig: String? = nil,
        context: String? = nil,
        environment: [String: String]
    ) throws(ClusterConfigurationError) -> ClusterConfiguration {
        if let kubeconfig {
            guard TextFile.exists(kubeconfig) else {
                throw ClusterConfigurationError("there is no kubeconfig at \(kubeconfig)")
            }
            return try .kubeconfig(at: [kubeconfig], context: context)
        }
        if let list = environment["KUBECONFIG"], !list.isEmpty {
            return try .kubeconfig(at: list.split(separator: ":").map(String.init), context: context)
        }
        if let home = environment["HOME"], TextFile.exists("\(home)/.kube/config") {
            return try .kubeconfig(at: ["\(home)/.kube/config"], context: context)
        }
        if environment["KUBERNETES_SERVICE_HOST"] != nil { return try .inCluster(environment: environment) }
        throw ClusterConfigurationError(
            "KUBECONFIG is not set, and there is no ~/.kube/config"
        )
    }

    /// The configuration that every pod with a ServiceAccount's token finds in itself.
    ///
    /// - Throws: ``ClusterConfigurationError`` if this is no such pod.
    package static func inCluster(
        environment: [String: String],
        folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(ClusterConfigurationError) -> ClusterConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
            !host.isEmpty, !port.isEmpty
        else {
            throw ClusterConfigurationError(
                "this is no pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"
            )
        }
        guard TextFile.exists("\(folder)/token") else {
            throw ClusterConfigurationError(
                "the pod has no token at \(folder)/token; set automountServiceAccountToken: true for it"
            )
        }
        let namespace = (try? TextFile.read("\(folder)/namespace"))?.trimmed
        return ClusterConfiguration(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            namespace: namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default",
            authorities: .file("\(folder)/ca.crt"),
            credentials: .tokenFile("\(folder)/token")
        )
    }
}
