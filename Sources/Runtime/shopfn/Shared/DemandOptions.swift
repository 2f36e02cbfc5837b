import ArgumentParser
import Demand
import Glibc
import Peering

/// `--gateway` and how to log in there, for commands that hear the gateways' demand.
struct DemandOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateways' worker port: dns:///NAME:PORT for all behind a name, or HOST:PORT; several with commas.",
            valueName: "address"
        )
    )
    var gateway: [String] = ["dns:///gateways:7070"]

    @Option(help: ArgumentHelp("The file whose first line is the secret the gateways ask for.", valueName: "file"))
    var tokenFile: String

    @Option(
        help: ArgumentHelp("The certificate authorities, in PEM, that gateways are checked with.", valueName: "file")
    )
    var ca: String?

    @Flag(help: "Speak to the gateways without TLS.")
    var plaintext = false

    @Option(help: ArgumentHelp("The name gateways' certificates are for, if not the address's.", valueName: "name"))
    var serverName: String?

    func validate() throws {
        if ca == nil, !plaintext {
            throw ValidationError("say how gateways are trusted: --ca FILE, or --plaintext on a network of your own")
        }
        if ca != nil, plaintext { throw ValidationError("--ca and --plaintext exclude each other; leave one out") }
        _ = try addresses()
    }

    /// The settings of a feed.
    ///
    /// `name`: What the gateways show of this scaler beside its kind; the pod's or machine's name.
    func configuration(name: String) throws -> DemandFeedConfiguration {
        var configuration = DemandFeedConfiguration(
            gateways: try addresses(),
            tokenFile: tokenFile,
            scalerID: name
        )
        configuration.certificateAuthorities = ca
        configuration.serverName = serverName
        return configuration
    }

    private func addresses() throws -> [GatewayAddress] {
        do {
            return try gateway.flatMap { try GatewayAddress.list($0) }
        } catch {
            throw ValidationError("--gateway: \(error)")
        }
    }
}
