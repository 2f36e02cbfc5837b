import Peering

/// How a worker reaches gateways on other machines.
struct RemoteSettings: Equatable, Sendable {
    /// The names and addresses of the gateways.
    var gateways: [GatewayAddress]
    /// The file of shared secrets, read at every attempt to connect; its first is sent.
    var tokenFile: String
    /// The PEM file of the authorities that gateways' certificates are checked with; `nil` for no TLS.
    var authorities: String?
    /// The name a gateway's certificate must be valid for; by default the host of its address.
    var serverName: String?
    /// How long a SIGTERM lets invocations go on.
    var grace = Duration.seconds(25)
    /// How often names are resolved again.
    var resolveEvery = Duration.seconds(2)
    /// How long an attempt to connect may take.
    var connectTimeout = Duration.seconds(3)
    /// A gateway that nothing is heard of for so long is given up; it sends something every few seconds.
    var silence = Duration.seconds(15)
}
