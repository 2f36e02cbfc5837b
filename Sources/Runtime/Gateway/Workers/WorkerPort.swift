import Logging
import NIOCore
import NIOSSL
import Synchronization
import Time
import WorkerProtocol

/// The port on which workers and scalers of other machines connect.
package struct WorkerPort: Sendable {
    /// The address and port; port 0 takes a free one.
    package var host: String
    package var port: Int
    /// The gateway's certificate; `nil` for no TLS.
    package var certificate: PortCertificate?
    /// How often a peer is asked whether it is there.
    package var pingInterval = Duration.seconds(5)
    /// A peer that nothing is heard of for so long is given up.
    package var silence = Duration.seconds(15)
    /// A peer that has not said who it is after so long is not waited for.
    static let greetingTime = TimeAmount.seconds(5)

    package init(host: String, port: Int, certificate: PortCertificate?) {
        self.host = host
        self.port = port
        self.certificate = certificate
    }
}

/// The certificate the port shows, which may be replaced while it is in use.
package final class PortCertificate: Sendable {
    private let context: Mutex<NIOSSLContext>

    /// Reads a chain and its private key, both in PEM.
    ///
    /// - Throws: `NIOSSLError` and the like when a file cannot be read, or the two do not belong together.
    package init(chain: String, key: String) throws {
        context = Mutex(try Self.read(chain, key))
    }

    /// Takes up what the files hold now; connections that are there keep theirs.
    package func reload(chain: String, key: String) throws {
        let new = try Self.read(chain, key)
        context.withLock { $0 = new }
    }

    func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: context.withLock { $0 })
    }

    private static func read(_ chain: String, _ key: String) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Sees from a peer's first frame what it is, and gives its connection to whoever speaks with its kind.
final class PeerGreeter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let gateway: Gateway
    private let port: WorkerPort
    private var first = ByteBuffer()
    private var isDecided = false

    init(gateway: Gateway, port: WorkerPort) {
        self.gateway = gateway
        self.port = port
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let greeter = NIOLoopBound(self, eventLoop: context.eventLoop)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: WorkerPort.greetingTime) {
            if !greeter.value.isDecided { channel.close(promise: nil) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        guard !isDecided else { return context.fireChannelRead(wrapInboundOut(incoming)) }
        first.writeBuffer(&incoming)
        guard let isScaler = first.withUnsafeReadableBytes({ ScalerFrame.isHello($0) }) else { return }
        isDecided = true
        let peer = "\(context.remoteAddress?.ipAddress ?? "?"):\(context.remoteAddress?.port ?? 0)"
        do {
            let pipeline = context.pipeline.syncOperations
            if isScaler {
                try pipeline.addHandler(
                    ScalerConnection(gateway: gateway, port: port, peer: peer),
                    position: .after(self)
                )
            } else {
                try pipeline.addHandler(
                    WorkerConnection(pools: gateway.pools, logger: gateway.logger, port: port, peer: peer),
                    position: .after(self)
                )
            }
            context.fireChannelRead(wrapInboundOut(first))
            first.clear()
            pipeline.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isDecided = true
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A peer that does not trust this gateway's certificate, or speaks something else.
        gateway.pools.countRefusal("tls")
        let peer = context.remoteAddress?.description ?? "?"
        gateway.complaints.warn("connection to the worker port failed: \(error)", kind: "tls", ["peer": "\(peer)"])
        context.close(promise: nil)
    }
}

extension PeerGreeter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
}

/// Asks a peer again and again whether it is there.
struct Pinging {
    private let timer: RepeatedTask

    /// `ping` is called on the loop until the timer is cancelled.
    init(every interval: Duration, on loop: any EventLoop, _ ping: @escaping @Sendable () -> Void) {
        let amount = TimeAmount.nanoseconds(interval.wholeNanoseconds)
        timer = loop.scheduleRepeatedTask(initialDelay: amount, delay: amount) { _ in ping() }
    }

    func cancel() {
        timer.cancel()
    }
}
