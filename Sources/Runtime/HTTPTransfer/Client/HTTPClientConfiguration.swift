/// What all requests of a client have in common.
public struct HTTPClientConfiguration: Hashable, Sendable {
    /// How long a connection may take to come about, name look-up and TLS included.
    public var connectTimeout: Duration
    /// How many requests may be under way at once; more are refused.
    public var maxRequests: Int
    /// How many connections to one host there may be; further requests wait for one of them.
    public var maxConnectionsPerHost: Int
    /// A PEM file of the authorities to trust; without one the system's.
    ///
    /// Certificates are always verified.
    public var authorities: String?
    /// A PEM file of the client's own certificate chain, where the server asks for one.
    public var certificate: String?
    /// A PEM file of that certificate's private key.
    public var privateKey: String?
    /// Whether the environment's proxies (`https_proxy` and its kin) are used.
    public var usesProxies: Bool
    /// Whether HTTP/2 is offered over TLS.
    public var offersHTTP2: Bool
    /// How many bytes of a streamed body may wait for their reader before the sender is held up.
    public var streamBuffer: Int

    /// Makes a configuration.
    public init(
        connectTimeout: Duration = .seconds(5),
        maxRequests: Int = 1_000,
        maxConnectionsPerHost: Int = 64,
        authorities: String? = nil,
        certificate: String? = nil,
        privateKey: String? = nil,
        usesProxies: Bool = true,
        offersHTTP2: Bool = true,
        streamBuffer: Int = 256 << 10
    ) {
        self.connectTimeout = connectTimeout
        self.maxRequests = maxRequests
        self.maxConnectionsPerHost = maxConnectionsPerHost
        self.authorities = authorities
        self.certificate = certificate
        self.privateKey = privateKey
        self.usesProxies = usesProxies
        self.offersHTTP2 = offersHTTP2
        self.streamBuffer = streamBuffer
    }
}
