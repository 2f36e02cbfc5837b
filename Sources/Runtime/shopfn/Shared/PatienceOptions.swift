import ArgumentParser
import Gateway

/// How long the gateway waits for clients and at its end, in seconds; for unusual networks and for tests.
struct PatienceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Seconds a request's head may take.", visibility: .hidden))
    var headTimeout: Double?

    @Option(help: ArgumentHelp("Seconds a request's body may bring nothing.", visibility: .hidden))
    var bodyTimeout: Double?

    @Option(help: ArgumentHelp("Seconds a connection may stay without a request.", visibility: .hidden))
    var idleTimeout: Double?

    @Option(help: ArgumentHelp("Seconds that requests under way may take once it is to end.", visibility: .hidden))
    var drainTimeout: Double?

    func validate() throws {
        for seconds in [headTimeout, bodyTimeout, idleTimeout, drainTimeout].compactMap({ $0 }) {
            guard (0.001...86_400).contains(seconds) else {
                throw ValidationError("a timeout is a number of seconds from 0.001 to 86400")
            }
        }
    }

    /// Puts what was chosen in force.
    func apply(to configuration: inout GatewayConfiguration) {
        if let headTimeout { configuration.headTimeout = .seconds(headTimeout) }
        if let bodyTimeout { configuration.bodyTimeout = .seconds(bodyTimeout) }
        if let idleTimeout { configuration.idleTimeout = .seconds(idleTimeout) }
        if let drainTimeout { configuration.drainTimeout = .seconds(drainTimeout) }
    }
}
