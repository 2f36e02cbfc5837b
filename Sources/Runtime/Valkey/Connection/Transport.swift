import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Time

/// Makes channels to one server.
struct Transport: Sendable {
    let endpoint: ValkeyURL.Endpoint
    let tls: SecureTransport?
    let connectTimeout: Duration

    init(url: ValkeyURL, connectTimeout: Duration) {
        endpoint = url.endpoint
        self.connectTimeout = connectTimeout
        tls = url.tls.map { SecureTransport($0) }
    }

    /// Starts to connect; the handler hears of the connection's beginning and end, the returned future of a failure.
    func connect(
        on loop: any EventLoop,
        handler: @escaping @Sendable () throws -> ReplyHandler
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(connectTimeout.wholeNanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(tls.makeHandler(for: endpoint))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
        switch endpoint {
        case .tcp(let host, let port):
            return
                bootstrap
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        }
    }
}

/// TLS for the connections to one server; certificates are read when the first is made.
final class SecureTransport: Sendable {
    private let settings: ValkeyTLS
    private let context = Mutex<NIOSSLContext?>(nil)

    init(_ settings: ValkeyTLS) {
        self.settings = settings
    }

    func makeHandler(for endpoint: ValkeyURL.Endpoint) throws -> NIOSSLClientHandler {
        let context = try context.withLock { context in
            if let context { return context }
            let made = try makeContext()
            context = made
            return made
        }
        guard let name = settings.serverName ?? endpoint.host else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        // An address is no name to ask for; the certificate is then checked for the address itself.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
    }

    private func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let path = settings.authorities {
            configuration.trustRoots = .certificates(try read(path) { try NIOSSLCertificate.fromPEMFile(path) })
        }
        if let path = settings.certificate {
            let chain = try read(path) { try NIOSSLCertificate.fromPEMFile(path) }
            configuration.certificateChain = chain.map { .certificate($0) }
            let keyPath = settings.privateKey ?? path
            configuration.privateKey = .privateKey(
                try read(keyPath) { try NIOSSLPrivateKey(file: keyPath, format: .pem) }
            )
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private func read<Content>(_ path: String, _ body: () throws -> Content) throws -> Content {
        do {
            return try body()
        } catch {
            throw CertificateFileError(message: "the PEM file \(path) cannot be used: \(error)")
        }
    }
}

extension ValkeyURL.Endpoint {
    var host: String? {
        if case .tcp(let host, _) = self { host } else { nil }
    }
}
