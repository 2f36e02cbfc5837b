package import Peering

/// Where a feed finds the gateways, and how it proves itself to them.
package struct DemandFeedConfiguration: Sendable {
    /// The names and addresses of the gateways.
    package var gateways: [GatewayAddress]
    /// The file of shared secrets; read at every attempt to connect, the first is sent.
    package var tokenFile: String
    /// The PEM file of the certificate authorities that gateways' certificates are checked with; `nil` for no TLS.
    package var certificateAuthorities: String?
    /// The name a gateway's certificate must be valid for; by default the host of its address.
    package var serverName: String?
    /// The scaler's name for people, such as its pod's.
    package var scalerID: String
    /// How often the names are resolved again.
    package var resolveEvery = Duration.seconds(2)
    /// How long it may take to connect, and then again until the gateway's welcome is there.
    package var connectTimeout = Duration.seconds(3)
    /// A connection on which nothing comes for so long is given up; gateways send something every few seconds.
    package var silence = Duration.seconds(15)

    package init(gateways: [GatewayAddress], tokenFile: String, scalerID: String) {
        self.gateways = gateways
        self.tokenFile = tokenFile
        self.scalerID = scalerID
    }
}
