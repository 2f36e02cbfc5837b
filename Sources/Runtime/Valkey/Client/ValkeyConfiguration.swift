/// How a client behaves towards its callers and the server.
public struct ValkeyConfiguration: Sendable {
    /// How long a call waits for its reply, unless it says otherwise.
    public var timeout: Duration
    /// How long a call waits for a connection to come about, within its time.
    public var connectionPatience: Duration
    /// How long an attempt to connect may take.
    public var connectTimeout: Duration
    /// The longest wait between attempts to connect.
    public var longestBackoff: Duration
    /// How long nothing may come beyond an overdue reply before the connection is given up for another.
    public var silence: Duration
    /// How many calls may await their replies at once; more are refused.
    public var maxPending: Int
    /// Told whenever a connection stands or is lost, on the client's own thread; must not block.
    public var onEvent: (@Sendable (ValkeyEvent) -> Void)?

    /// Makes a configuration.
    public init(
        timeout: Duration = .seconds(5),
        connectionPatience: Duration = .seconds(1),
        connectTimeout: Duration = .seconds(2),
        longestBackoff: Duration = .milliseconds(500),
        silence: Duration = .seconds(2),
        maxPending: Int = 10_000,
        onEvent: (@Sendable (ValkeyEvent) -> Void)? = nil
    ) {
        self.timeout = timeout
        self.connectionPatience = connectionPatience
        self.connectTimeout = connectTimeout
        self.longestBackoff = longestBackoff
        self.silence = silence
        self.maxPending = maxPending
        self.onEvent = onEvent
    }
}

/// Something that happened to a client's connection.
public enum ValkeyEvent: Hashable, Sendable {
    /// A connection stands and may be used.
    case connected(endpoint: String)
    /// An attempt failed or a connection ended.
    case disconnected(endpoint: String, reason: String)
}
