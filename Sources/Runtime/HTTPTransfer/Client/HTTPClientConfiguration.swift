/// What all requests of a client have in common.
public struct HTTPClientConfiguration: Hashable, Sendable {
    /// Something in PEM.
    public enum PEM: Hashable, Sendable, ExpressibleByStringLiteral {
        /// A file, read anew for every connection.
        case file(String)
        /// The text itself.
        case text([UInt8])

        /// Names a file.
        public init(stringLiteral path: String) { self = .file(path) }
    }

    /// How long a connection may take to come about, name look-up and TLS included.
    public var connectTimeout: Duration
    /// How many requests may be under way at once; more are refused.
    public var maxRequests: Int
    /// How many connections to one host there may be; further requests wait for one of them.
    public var maxConnectionsPerHost: Int
    /// The authorities to trust; without them the system's.
    ///
    /// Certificates are always verified.
    public var authorities: PEM?
    /// The client's own certificate chain, where the server asks for one.
    public var certificate: PEM?
    /// That certificate's private key; without it, it stands with the certificate.
    public var privateKey: PEM?
    /// Whether the environment's proxies (`https_proxy` and its kin) are used.
    public var usesProxies: Bool
    /// The URL of a proxy to use whatever the environment says.
    public var proxy: String?
    /// The host and port to connect to, whatever host the URL names; certificates are checked against the URL's.
    public var connectsTo: String?
    /// Whether HTTP/2 is offered over TLS.
    public var offersHTTP2: Bool
    /// How long a connection may be silent before the system asks whether the other side is still there.
    public var keepAlive: Duration
    /// How many bytes of a streamed body may wait for their reader before the sender is held up.
    public var streamBuffer: Int

    /// Makes a configuration.
    public init(
        connectTimeout: Duration = .seconds(5),
        maxRequests: Int = 1_000,
        maxConnectionsPerHost: Int = 64,
        authorities: PEM? = nil,
        certificate: PEM? = nil,
        privateKey: PEM? = nil,
        usesProxies: Bool = true,
        proxy: String? = nil,
        connectsTo: String? = nil,
        offersHTTP2: Bool = true,
        keepAlive: Duration = .seconds(60),
        streamBuffer: Int = 256 << 10
    ) {
        self.connectTimeout = connectTimeout
        self.maxRequests = maxRequests
        self.maxConnectionsPerHost = maxConnectionsPerHost
        self.authorities = authorities
        self.certificate = certificate
        self.privateKey = privateKey
        self.usesProxies = usesProxies
        self.proxy = proxy
        self.connectsTo = connectsTo
        self.offersHTTP2 = offersHTTP2
        self.keepAlive = keepAlive
        self.streamBuffer = streamBuffer
    }
}
