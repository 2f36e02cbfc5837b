import HTTPWire
import JSON
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Answers health checks, metrics and the state of the pools, apart from the shop's own port.
package final class AdminServer: Sendable {
    package typealias Reports = @Sendable () async -> [String: PoolReport]

    private let gateway: Gateway
    private let reports: Reports
    private let host: String
    private let wantedPort: Int
    private let logger: Logger
    private let channel = Mutex<NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>?>(nil)

    /// `reports`: What the pools' launcher knows, by function.
    package init(gateway: Gateway, host: String, port: Int, logger: Logger, reports: @escaping Reports) {
        self.gateway = gateway
        self.host = host
        wantedPort = port
        self.logger = logger
        self.reports = reports
    }

    /// The port, once it listens.
    package var port: Int? {
        channel.withLock { $0?.channel.localAddress?.port }
    }

    /// Listens.
    ///
    /// - Throws: what the system says of the address or the port.
    package func start() async throws {
        let listening = try await ServerBootstrap(group: gateway.eventLoop)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: wantedPort) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        channel.withLock { $0 = listening }
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
                var parser = RequestParser(limits: RequestLimits(bodyBytes: 0))
                var unread = ByteBuffer()
                var head: RequestHead?
                for try await var part in inbound {
                    unread.writeBuffer(&part)
                    while true {
                        let step = try unread.withUnsafeReadableBytes { try parser.next($0) }
                        unread.moveReaderIndex(forwardBy: step.consumed)
                        if case .needMore = step.event { break }
                        if case .head(let next) = step.event { head = next }
                        guard case .end = step.event, let request = head else { continue }
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

    private struct Answer {
        var status = 200
        var type = "text/plain; charset=utf-8"
        var body: [UInt8]

        init(_ text: String, status: Int = 200) {
            self.status = status
            body = [UInt8]((text + "\n").utf8)
        }

        init(_ json: JSONValue) throws {
            type = "application/json"
            body = try json.serialized(.pretty)
        }
    }

    private func answer(_ request: RequestHead) async throws -> (bytes: [UInt8], keepsAlive: Bool) {
        let answer = try await route(method: request.text(request.method), path: request.text(request.path))
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

    private func route(method: String, path: String) async throws -> Answer {
        guard method == "GET" || method == "HEAD" else { return Answer("only GET and HEAD", status: 405) }
        switch path {
        case "/livez":
            return Answer("ok")
        case "/readyz":
            return gateway.isReady ? Answer("ok") : Answer("not taking requests", status: 503)
        case "/metrics":
            var answer = Answer(MetricsText(gateway: gateway, reports: await reports()).text)
            answer.type = "text/plain; version=0.0.4; charset=utf-8"
            answer.body.removeLast()
            return answer
        case "/api/pools":
            return try Answer(PoolsDocument(gateway: gateway, reports: await reports()).json)
        default:
            return try await explanation(path)
        }
    }

    private func explanation(_ path: String) async throws -> Answer {
        let prefix = "/api/pools/"
        guard path.hasPrefix(prefix), let report = await reports()[String(path.dropFirst(prefix.count))] else {
            return Answer("there are /livez, /readyz, /metrics, /api/pools and /api/pools/NAME", status: 404)
        }
        return try Answer(report.explanation)
    }
}
