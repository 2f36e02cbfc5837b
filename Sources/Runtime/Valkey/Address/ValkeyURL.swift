/// Where a Valkey server is, and as whom to speak to it.
///
/// | form | meaning |
/// |---|---|
/// | `valkey://host:6379/0`, `redis://…` | TCP |
/// | `valkeys://host:6379/0`, `rediss://…` | TCP with TLS |
/// | `unix:///path/to/socket?db=0` | a Unix socket |
///
/// `user:password@` may stand before the host or path; both percent-encoded. Options after `?`: `db`, and with TLS
/// `ca`, `cert`, `key` (paths of PEM files) and `servername`.
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

    /// The port where none is given.
    public static let defaultPort = 6379

    /// Makes an address from its parts.
    public init(
        endpoint: Endpoint,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0,
        tls: ValkeyTLS? = nil
    ) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls
    }
}

extension ValkeyURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without user and password.
    public var description: String {
        let text: String
        switch endpoint {
        case .tcp(let host, let port):
            let shown = host.contains(":") ? "[\(host)]" : host
            text = "\(tls == nil ? "valkey" : "valkeys")://\(shown):\(port)/\(database)"
        case .unix(let path): text = "unix://\(path)?db=\(database)"
        }
        return text
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
