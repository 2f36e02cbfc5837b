/// Where a Valkey server is, and as whom to speak to it.
///
/// | form | meaning |
/// |---|---|
/// | `valkey://host:6379/0`, `redis://…` | TCP |
/// | `valkeys://host:6379/0`, `rediss://…` | TCP with TLS |
/// | `unix:///path/to/socket?db=0` | a Unix socket |
///
/// `user:password@` may stand before the host or path; both percent-encoded. Options after `?`: `db`, `cluster=true`
/// for a cluster of which the host is one node, and with TLS `ca`, `cert`, `key` (paths of PEM files) and `servername`.
/// Of a cluster several nodes may be named, `valkey://a:6379,b:6379?cluster=true`, so that one may be away.
public struct ValkeyURL: Hashable, Sendable {
    /// What to connect to.
    public enum Endpoint: Hashable, Sendable {
        /// A host's name or address, and a port.
        case tcp(host: String, port: Int)
        /// A Unix socket's path.
        case unix(path: String)
    }

    /// What to connect to.
    public var endpoint: Endpoint
    /// The user to authenticate as; without one the password is the default user's.
    public var user: String?
    /// The password; shown by no description.
    public var password: String?
    /// The number of the database.
    public var database: Int
    /// TLS, if the connection is to use it.
    public var tls: ValkeyTLS?
    /// Whether the server is one of a cluster's, whose slots the client follows.
    ///
    /// Which nodes there are, the cluster itself says; user, password and TLS are the same for all.
    public var isCluster: Bool
    /// Further nodes of the cluster to ask when the first is away.
    public var otherNodes: [Endpoint]

    /// The port where none is given.
    public static let defaultPort = 6379

    /// Makes an address from its parts.
    public init(
        endpoint: Endpoint,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0,
        tls: ValkeyTLS? = nil,
        isCluster: Bool = false,
        otherNodes: [Endpoint] = []
    ) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls
        self.isCluster = isCluster
        self.otherNodes = otherNodes
    }
}

extension ValkeyURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without user and password.
    public var description: String {
        if case .unix(let path) = endpoint { return "unix://\(path)?db=\(database)" }
        let hosts = ([endpoint] + otherNodes).compactMap { node in
            if case .tcp(let host, let port) = node {
                "\(host.contains(":") ? "[\(host)]" : host):\(port)"
            } else {
                nil
            }
        }
        let scheme = tls == nil ? "valkey" : "valkeys"
        return "\(scheme)://\(hosts.joined(separator: ","))/\(database)\(isCluster ? "?cluster=true" : "")"
    }

    /// The same; a password must not reach a log by way of a debugger's description either.
    public var debugDescription: String { description }

    /// Shows no parts, so that dumping the value does not show the password.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// How a connection is secured.
///
/// The server's certificate is always verified.
public struct ValkeyTLS: Hashable, Sendable {
    /// A PEM file of the authorities to trust; without one the system's.
    public var authorities: String?
    /// A PEM file of the client's own certificate chain, where the server asks for one.
    public var certificate: String?
    /// A PEM file of that certificate's private key.
    public var privateKey: String?
    /// The name that the server's certificate must bear, where it is not the host's.
    public var serverName: String?

    /// Makes a TLS configuration.
    public init(
        authorities: String? = nil,
        certificate: String? = nil,
        privateKey: String? = nil,
        serverName: String? = nil
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.privateKey = privateKey
        self.serverName = serverName
    }
}
