import AdminPort
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite("An admin port", .serialized, .timeLimit(.minutes(5)))
struct AdminPortTests {
    private struct Unanswerable: Error {}

    /// Starts a port that answers all but `/fails`, and connects to it.
    private func withClient(
        patience: Duration = .seconds(600),
        _ body: @Sendable (Client) async throws -> Void
    ) async throws {
        let admin = AdminPort(
            host: "127.0.0.1",
            port: 0,
            group: MultiThreadedEventLoopGroup.singleton,
            patience: patience,
            logger: Logger(label: "test")
        ) { path in
            if path == "/fails" { throw Unanswerable() }
            return AdminAnswer("all is well")
        }
        try await admin.start()
        let port = try #require(admin.port)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await admin.run() }
            defer { tasks.cancelAll() }
            try await body(try await Client(port: port))
        }
    }

    @Test("gives up a connection on which nothing comes")
    func silence() async throws {
        try await withClient(patience: .milliseconds(300)) { client in
            // Nothing is asked: on a busy machine the answer might come after the patience is over.
            try await client.waits { $0.isClosed }
        }
    }

    @Test("says that something cannot be answered, and goes on")
    func failure() async throws {
        try await withClient { client in
            client.ask("/fails")
            try await client.waits { $0.text.contains("HTTP/1.1 500 Internal Server Error") }
            client.ask("/livez")
            try await client.waits { $0.answers == 1 }
        }
    }

    @Test("keeps nothing of what it has answered")
    func memory() throws {
        let field = String(repeating: "x", count: 500)
        let bytes = ByteBuffer(string: "GET /livez HTTP/1.1\r\nHost: test\r\nX-Field: \(field)\r\n\r\n")
        var reader = RequestReader()
        // As they come: whole, and with a part of the next.
        var (whole, parted) = (0, 0)
        for _ in 0..<1_000 {
            reader.append(bytes)
            while try reader.next() != nil { whole += 1 }
        }
        reader.append(try #require(bytes.getSlice(at: 0, length: 100)))
        for _ in 0..<1_000 {
            reader.append(try #require(bytes.getSlice(at: 100, length: bytes.readableBytes - 100)))
            reader.append(try #require(bytes.getSlice(at: 0, length: 100)))
            while try reader.next() != nil { parted += 1 }
        }
        #expect((whole, parted) == (1_000, 1_000))
        #expect(reader.capacity <= 4_096)
    }
}

/// A connection to an admin port.
private final class Client: Sendable {
    struct Seen: Sendable {
        /// The last of what came.
        var text = ""
        /// How often all was well.
        var answers = 0
        var isClosed = false
    }

    private let channel: any Channel
    private let seen: Reader

    init(port: Int) async throws {
        let seen = Reader()
        self.seen = seen
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(seen) }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func ask(_ path: String, field: String = "x") {
        let request = "GET \(path) HTTP/1.1\r\nHost: test\r\nX-Field: \(field)\r\n\r\n"
        channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
    }

    /// Waits for something to be seen, up to the suite's time limit.
    func waits(_ condition: @Sendable (Seen) -> Bool) async throws {
        while !seen.state.withLock({ condition($0) }) { try await Task.sleep(for: .milliseconds(2)) }
    }

    private final class Reader: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let state = Mutex(Seen())
        private static let answer = "all is well\n"

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let piece = String(buffer: unwrapInboundIn(data))
            state.withLock { seen in
                let parts = (seen.text + piece).split(separator: Self.answer, omittingEmptySubsequences: false)
                seen.answers += parts.count - 1
                seen.text = String(parts.last ?? "")
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            state.withLock { $0.isClosed = true }
        }
    }
}
