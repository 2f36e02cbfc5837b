import GRPCCore
import GRPCNIOTransportHTTP2Posix
package import Logging
import NIOCertificateReloading
package import NIOPosix
import ServiceLifecycle

/// The gRPC server that KEDA asks.
package final class ScalerServer: Service {
    private typealias Server = GRPCServer<HTTP2ServerTransport.Posix>

    private let driver: ScalerDriver
    private let security: ScalerSecurity
    private let server: Server
    private let logger: Logger
    let calls = CallCounts()

    /// `address`: An IPv4 or IPv6 address to listen on.
    ///
    /// - Throws: ``ScalerSecurity/Mistake`` where certificate or key cannot be used.
    package init(
        driver: ScalerDriver,
        address: String,
        port: Int,
        security: ScalerSecurity,
        group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) throws {
        self.driver = driver
        self.security = security
        self.logger = logger
        let transport = HTTP2ServerTransport.Posix(
            address: address.contains(":") ? .ipv6(host: address, port: port) : .ipv4(host: address, port: port),
            transportSecurity: security.transport,
            config: .defaults { config in
                // Requests are a name and a few words.
                config.rpc.maxRequestPayloadSize = 64 * 1024
                // A KEDA that is gone without a word is noticed, and its streams end.
                config.connection.keepalive.time = .seconds(60)
                config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(10)
                config.connection.keepalive.clientBehavior.allowWithoutCalls = true
                // What is told of an activation is told at once.
                config.connection.flushCoalescing = nil
            },
            eventLoopGroup: group
        )
        server = Server(
            transport: transport,
            services: [ExternalScalerService(driver: driver, calls: calls), HealthService(driver: driver)]
        )
    }

    /// The port, once it listens.
    ///
    /// - Throws: what the system says of the address or the port.
    package var port: Int {
        get async throws {
            let address = try await server.transport.listeningAddress
            return address.ipv4?.port ?? address.ipv6?.port ?? 0
        }
    }

    /// Serves until a graceful shutdown, and then until the calls under way are answered; streams end at once.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                if let reloader = security.reloader { group.addTask { try await reloader.run() } }
                try await self.server.serve()
                group.cancelAll()
            }
        } onGracefulShutdown: { [driver, server] in
            driver.stop()
            server.beginGracefulShutdown()
        }
    }
}
