import HTTPWire
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Time

/// A port for whoever looks after a program: answers GET and HEAD, apart from what the program serves.
package final class AdminPort: Sendable {
    /// Answers a request for a path.
    package typealias Answerer = @Sendable (_ path: String) async throws -> AdminAnswer

    private let host: String
    private let wantedPort: Int
    private let group: any EventLoopGroup
    private let logger: Logger
    private let answerer: Answerer
    private let patience: Duration
    private let channel = Mutex<NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>?>(nil)

    /// `port`: 0 takes a free one.
    ///
    /// `patience`: How long a connection is kept on which nothing comes; metrics are asked for more often. What `answer`
    /// throws is answered with 500.
    package init(
        host: String,
        port: Int,
        group: any EventLoopGroup,
        patience: Duration = .seconds(150),
        logger: Logger,
        answer: @escaping Answerer
    ) {
        self.host = host
        wantedPort = port
        self.group = group
        self.patience = patience
        self.logger = logger
        answerer = answer
    }

    /// The port, once it listens.
    package var port: Int? {
        channel.withLock { $0?.channel.localAddress?.port }
    }

    /// Listens.
    ///
    /// - Throws: what the system says of the address or the port.
    package func start() async throws {
        let patience = TimeAmount.nanoseconds(patience.wholeNanoseconds)
        let listening = try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: wantedPort) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(IdleStateHandler(readTimeout: patience), IdleEnd())
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        channel.withLock { $0 = listening }
    }

    /// Listens no more, where ``run()`` was not come to; its event loop may end then.
    package func stop() async {
        // Let go of as well: what is left of it calls on its event loop once more. What is closed already need not be.
        let listening = channel.withLock { $0.take() }
        try? await listening?.channel.close()
    }

    /// Answers until a graceful shutdown.
    package func run() async throws {
        if channel.withLock({ $0 == nil }) { try await start() }
        guard let listening = channel.withLock({ $0 }) else { return }
        try await withGracefulShutdownHandler {
            try await listening.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { await self.serve(connection) }
                    }
                    group.cancelAll()
                }
            }
        } onGracefulShutdown: {
            listening.channel.close(promise: nil)
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        do {
            try await connection.executeThenClose { inbound, _ in
                var reader = RequestReader()
                for try await part in inbound {
                    reader.append(part)
                    while let request = try reader.next() {
                        let (response, keepsAlive) = try await answer(request)
                        // Waits until all of it is written: closing drops what is not.
                        try await connection.channel.writeAndFlush(ByteBuffer(bytes: response))
                        if !keepsAlive { return }
                    }
                }
            }
        } catch {
            logger.debug("admin connection: \(error)")
        }
    }

    private func answer(_ request: RequestHead) async throws -> (bytes: [UInt8], keepsAlive: Bool) {
        let method = request.text(request.method)
        let answer =
            method == "GET" || method == "HEAD"
            ? await answer(request.text(request.path)) : AdminAnswer("only GET and HEAD", status: 405)
        var output: [UInt8] = []
        var encoder = try ResponseEncoder(
            status: answer.status,
            length: .known(answer.body.count),
            terms: request.terms,
            date: HTTPDate.bytes(secondsSince1970: Int(WallClock.seconds)),
            into: &output
        )
        try [UInt8]("Content-Type".utf8).withUnsafeBytes { name in
            try [UInt8](answer.type.utf8).withUnsafeBytes { try encoder.field(name, $0, into: &output) }
        }
        encoder.endHead(into: &output)
        try answer.body.withUnsafeBytes { try encoder.body($0, into: &output) }
        try encoder.end(into: &output)
        return (output, encoder.keepsAlive)
    }

    private func answer(_ path: String) async -> AdminAnswer {
        do {
            return try await answerer(path)
        } catch {
            logger.warning("\(path) of the admin port cannot be answered: \(error)")
            return AdminAnswer("it cannot be answered: \(error)", status: 500)
        }
    }
}

/// Closes a connection on which nothing came for too long: whoever is gone without a word says no more.
private final class IdleEnd: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
