package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Time
import WorkerProtocol

/// Takes HTTP in, hands invocations to workers' slots, sends responses out.
package final class Gateway: Sendable {
    /// The pools and the routes that lead to them.
    package let pools: PoolRegistry
    package let configuration: GatewayConfiguration

    let server: HTTPServer
    /// The scalers that are connected.
    package let scalers = ScalerHub()
    let complaints: Complaints
    let logger: Logger
    private let loops: MultiThreadedEventLoopGroup
    private let state = Mutex(State())

    private struct State {
        var http: (any Channel)?
        var workers: [any Channel] = []
        var isLeaving = false
        var locals: [NIOLoopBound<LoopLocal>] = []
        var isDraining = false
    }

    package init(_ configuration: GatewayConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        let threads = configuration.threads > 0 ? configuration.threads : max(1, System.coreCount / 2)
        loops = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        complaints = Complaints(logger)
        pools = PoolRegistry(tokens: configuration.tokens, hub: scalers, loops: loops, logger: logger)
        server = HTTPServer(configuration: configuration, pools: pools, complaints: complaints)
    }

    /// An event loop of the gateway, for those who work closely with it.
    package var eventLoop: any EventLoop { loops.next() }

    /// The port of the HTTP server, once it listens.
    package var port: Int? {
        state.withLock { $0.http?.localAddress?.port }
    }

    /// The port of workers and scalers of other machines, once it listens.
    package var workerPort: Int? {
        state.withLock { $0.workers.lazy.compactMap { $0.localAddress?.port }.first }
    }

    /// Names this process to its peers.
    var id: String { pools.gatewayID }

    /// Whether requests should be sent here.
    package var isReady: Bool {
        state.withLock { $0.http != nil && !$0.isDraining && !$0.isLeaving }
    }

    /// Does for these functions what the scaler says of them.
    func heed(_ functions: [String]) {
        for function in functions { pools.pool(function)?.heed(scalers.status(of: function)?.failure) }
    }

    /// Invokes a function as a schedule does, through its pool like any request.
    ///
    /// `schedule`: The schedule as the manifest has it, for the handler to see.
    /// - Returns: the response, or a problem of the gateway in its stead; `nil` if there is no such function.
    package func invoke(_ function: String, schedule: String) async throws -> TimedResponse? {
        try await fire(function, schedule: schedule)?.get()
    }

    /// The same, to be waited for without a task.
    func fire(_ function: String, schedule: String) -> EventLoopFuture<TimedResponse>? {
        guard let pool = pools.pool(function) else { return nil }
        var message = InvokeMessage(method: "POST", path: "/")
        message.kind = .schedule
        message.flags = [.idempotent]
        message.headers = [(InvokeMessage.scheduleHeader, schedule)]
        message.requestID = "schedule-" + String(UInt64.random(in: .min ... .max), radix: 16)
        message.function = function
        let loop = loops.next()
        let promise = loop.makePromise(of: TimedResponse.self)
        loop.execute { [message] in TimedInvocation(message, pool: pool, promise: promise).start(on: loop) }
        return promise.futureResult
    }

    /// Listens; requests are taken when this returns.
    ///
    /// - Throws: what the system says of the address, the port or the socket.
    package func start() async throws {
        var locals: [ObjectIdentifier: NIOLoopBound<LoopLocal>] = [:]
        for loop in loops.makeIterator() {
            locals[ObjectIdentifier(loop)] = try await loop.submit { NIOLoopBound(LoopLocal(), eventLoop: loop) }.get()
        }
        let bound = locals
        state.withLock { $0.locals = Array(bound.values) }
        var workers: [any Channel] = []
        do {
            if let socket = configuration.workerSocket { workers.append(try await listenForWorkers(socket)) }
            if let port = configuration.workerPort { workers.append(try await listenForPeers(port)) }
            state.withLock { [workers] in $0.workers = workers }
            let http = try await listenForHTTP(bound)
            state.withLock { $0.http = http }
        } catch {
            for channel in workers { try? await channel.close() }
            throw error
        }
    }

    private func listenForPeers(_ port: WorkerPort) async throws -> any Channel {
        try await ServerBootstrap(group: loops)
            .serverChannelOption(ChannelOptions.backlog, value: 4096)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let certificate = port.certificate { try pipeline.addHandler(certificate.makeHandler()) }
                    try pipeline.addHandler(PeerGreeter(gateway: self, port: port))
                }
            }
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(
                ChannelOptions.recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 16 << 10, maximum: 256 << 10)
            )
            .bind(host: port.host, port: port.port).get()
    }

    private func listenForWorkers(_ socket: String) async throws -> any Channel {
        let (pools, logger) = (pools, logger)
        return try await ServerBootstrap(group: loops)
            .serverChannelOption(ChannelOptions.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WorkerConnection(pools: pools, logger: logger))
                }
            }
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(
                ChannelOptions.recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 16 << 10, maximum: 256 << 10)
            )
            .bind(unixDomainSocketPath: socket, cleanupExistingSocketFile: true).get()
    }

    private func listenForHTTP(_ locals: [ObjectIdentifier: NIOLoopBound<LoopLocal>]) async throws -> any Channel {
        let server = server
        return try await ServerBootstrap(group: loops)
            .serverChannelOption(ChannelOptions.backlog, value: 4096)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let local = locals[ObjectIdentifier(channel.eventLoop)] else { return }
                    let connection = HTTPConnection(server: server, local: local.value)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(
                ChannelOptions.writeBufferWaterMark,
                value: ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)
            )
            .bind(host: configuration.host, port: configuration.port).get()
    }

    /// Serves until a graceful shutdown, then finishes what is under way within `drainTimeout`.
    package func run() async throws {
        if state.withLock({ $0.http == nil }) { try await start() }
        try await gracefulShutdown()
        state.withLock { $0.isLeaving = true }
        if configuration.shutdownDelay > .zero {
            logger.info("not ready any more; requests are taken for \(configuration.shutdownDelay) still")
            // A shutdown that must not wait any longer cancels it.
            try? await Task.sleep(for: configuration.shutdownDelay)
        }
        await drain()
    }

    /// Takes no more connections, answers what is under way, and closes.
    package func drain() async {
        let (http, locals) = state.withLock { state in
            state.isDraining = true
            return (state.http, state.locals)
        }
        try? await http?.close()
        let drained = locals.map { local in
            let promise = local.eventLoop.makePromise(of: Void.self)
            local.eventLoop.execute { local.value.drain(promise) }
            return promise.futureResult
        }
        let first = loops.next()
        let deadline = first.makePromise(of: Void.self)
        let timer = first.scheduleTask(in: .nanoseconds(configuration.drainTimeout.wholeNanoseconds)) {
            deadline.succeed()
        }
        EventLoopFuture.andAllComplete(drained, on: first).cascade(to: deadline)
        try? await deadline.futureResult.get()
        timer.cancel()
        for pool in pools.pools { pool.abandonQueue() }
        for local in locals { local.eventLoop.execute { local.value.closeAll() } }
    }

    /// Ends the workers' socket and the event loops; call it when the workers are gone.
    package func close() async {
        let workers = state.withLock { $0.workers }
        for channel in workers { try? await channel.close() }
        try? await loops.shutdownGracefully()
    }
}
