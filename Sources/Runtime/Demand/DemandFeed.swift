import GatewayDemand
package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Peering
import ServiceLifecycle
import Synchronization
import Time
package import WorkerProtocol

/// The demand of every gateway behind some names, and the way back to them, for whoever scales.
///
/// A scaler runs the feed as a service and reads ``batches``:
///
/// ```swift
/// var settings = DemandFeedConfiguration(gateways: try GatewayAddress.list("dns:///gateways:7070"),
///                                        tokenFile: "/etc/shopfn/token", scalerID: podName)
/// settings.certificateAuthorities = "/etc/shopfn/ca.crt"
/// let feed = DemandFeed(settings, logger: logger)
/// for await events in feed.batches { for event in events { … } }
/// ```
///
/// It dials every gateway, follows changes of the names, and reconnects with growing, jittered waits. Figures that the
/// reader has not taken yet are replaced by newer ones, so memory is bounded by gateways × pools. What the scaler
/// decided goes back with ``report(_:)``; a gateway heeds the scalers that ``lead(_:)``.
package final class DemandFeed: Service, Sendable {
    private struct State {
        /// Addresses the names lead to now.
        var listed: Set<ResolvedAddress> = []
        /// Addresses somebody dials or is connected to.
        var dialed: Set<ResolvedAddress> = []
        var sessions: [GatewayName: Session] = [:]
        var leads = false
        var statuses: [String: PoolStatus] = [:]
    }

    private struct Session {
        let handler: NIOLoopBound<GatewaySession>
        let loop: any EventLoop
    }

    private let configuration: DemandFeedConfiguration
    private let logger: Logger
    private let inbox = DemandInbox()
    private let firings = Firings()
    private let questions = LoadQuestions()
    private let state = Mutex(State())
    private let loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    package init(_ configuration: DemandFeedConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// What is new, for one reader; see ``DemandBatches``.
    package var batches: DemandBatches { DemandBatches(inbox: inbox) }

    /// How many gateways the names lead to, and how many are connected.
    package var reach: (known: Int, connected: Int) {
        state.withLock { Self.reach($0) }
    }

    // MARK: To the gateways

    /// Tells all gateways whether this scaler decides, now and whenever one connects.
    package func lead(_ leads: Bool) {
        let sessions = state.withLock { state -> [Session] in
            guard state.leads != leads else { return [] }
            state.leads = leads
            return Array(state.sessions.values)
        }
        for session in sessions { send(.lead(leads), session) }
    }

    /// Tells all gateways of a pool, now and whenever one connects.
    package func report(_ status: PoolStatus) {
        let sessions = state.withLock { state -> [Session] in
            guard state.statuses.updateValue(status, forKey: status.function) != status else { return [] }
            return Array(state.sessions.values)
        }
        for session in sessions { send(.status(status), session) }
    }

    /// Tells the gateways that are connected what this replica finds of a pool by itself.
    ///
    /// One that connects later has to be told anew: what was found before may rest on less than is known with it.
    package func claim(_ claim: PoolClaim) {
        for session in state.withLock({ Array($0.sessions.values) }) { send(.claim(claim), session) }
    }

    /// The function is no more.
    package func forget(function: String) {
        let sessions = state.withLock { state -> [Session] in
            state.statuses[function] = nil
            return Array(state.sessions.values)
        }
        for session in sessions { send(.forget(function: function), session) }
    }

    /// Has a gateway invoke a scheduled function, and waits for its answer; a second gateway is asked only where the
    /// first did not take it.
    package func fire(_ function: String, schedule: String) async -> FiringOutcome {
        await firings.fire(function, schedule: schedule)
    }

    func fired(_ name: GatewayName, _ fired: Fired) { firings.answered(name, fired) }

    /// How many invocations each worker of a function holds, by worker, added up over the gateways that answer in time.
    package func loads(of function: String, within bound: Duration = .seconds(1)) async -> [String: Int] {
        // Begun before anybody is asked, and before one that is asked can be gone.
        let (number, sessions) = state.withLock { state in
            (questions.begin(function, to: Set(state.sessions.keys)), Array(state.sessions.values))
        }
        for session in sessions { send(.askLoads(function: function), session) }
        let timer = loops.next().scheduleTask(in: .nanoseconds(bound.wholeNanoseconds)) { [questions] in
            questions.end(number)
        }
        defer { timer.cancel() }
        return await questions.wait(for: number)
    }

    private func send(_ frame: ScalerFrame, _ session: Session) {
        session.loop.execute { session.handler.value.send(frame) }
    }

    // MARK: From the gateways

    /// A gateway told all it has; false where another address leads to the same process already.
    func began(_ name: GatewayName, _ pools: [PoolDemand], _ handler: NIOLoopBound<GatewaySession>) -> Bool {
        let loop = handler.eventLoop
        let frames = state.withLock { state -> [ScalerFrame]? in
            guard !state.sessions.keys.contains(where: { $0.id == name.id }) else { return nil }
            state.sessions[name] = Session(handler: handler, loop: loop)
            return [.lead(state.leads)] + state.statuses.values.map { .status($0) }
        }
        guard let frames else { return false }
        for frame in frames { handler.value.send(frame) }
        firings.joined(name) { frame in loop.execute { handler.value.send(frame) } }
        inbox.change { $0.connected(name, pools) }
        tellReach()
        logger.info("gateway connected", metadata: ["gateway": "\(name.address)", "pools": "\(pools.count)"])
        return true
    }

    func heard(_ name: GatewayName, _ change: (inout DemandTable) -> Void) {
        inbox.change(change)
    }

    func answered(_ name: GatewayName, _ loads: WorkerLoads) { questions.answered(name, loads) }

    func ended(_ name: GatewayName, _ session: GatewaySession) {
        state.withLock { $0.sessions[name] = nil }
        questions.left(name)
        firings.left(name)
        inbox.change { $0.disconnected(name) }
        tellReach()
        logger.info("gateway disconnected", metadata: ["gateway": "\(name.address)"])
    }

    private func tellReach() {
        let (known, connected) = reach
        inbox.change { $0.reach(known: known, connected: connected) }
    }

    /// A gateway that is connected is known, even when its name does not lead to it any more.
    private static func reach(_ state: State) -> (known: Int, connected: Int) {
        let connected = Set(state.sessions.keys.map(\.address))
        return (connected.union(state.listed.map(\.description)).count, connected.count)
    }

    // MARK: Running

    /// Dials and listens until a graceful shutdown or cancellation.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    await self.resolve()
                    for address in self.undialed() {
                        group.addTask { await self.keepConnected(address) }
                    }
                    // Cut short by the cancellation that ends the loop.
                    try? await Task.sleep(for: self.configuration.resolveEvery)
                }
            }
        }
        inbox.end()
    }

    private func resolve() async {
        var listed: Set<ResolvedAddress> = []
        for gateway in configuration.gateways {
            do {
                let found = try await NIOThreadPool.singleton.runIfActive {
                    try Resolver.addresses(of: gateway.host, port: gateway.port)
                }
                switch gateway {
                case .name: listed.formUnion(found)
                case .host:
                    listed.formUnion(found.filter { !$0.address.contains(":") }.prefix(1))
                    if found.allSatisfy({ $0.address.contains(":") }) { listed.formUnion(found.prefix(1)) }
                }
            } catch let error as ResolverError where error.isUnknownName {
                // A headless Service without pods has no address: no gateway is there.
                logger.debug("\(error)")
            } catch {
                // Without an answer the former one stands.
                logger.warning("\(error); the gateways known so far are kept")
                return tellReach()
            }
        }
        state.withLock { [listed] in $0.listed = listed }
        tellReach()
    }

    /// Addresses that nobody takes care of yet; from now on somebody does.
    private func undialed() -> Set<ResolvedAddress> {
        state.withLock { state in
            let new = state.listed.subtracting(state.dialed)
            state.dialed.formUnion(new)
            return new
        }
    }

    /// Is connected to a gateway as well as can be, until its name does not lead to it any more.
    private func keepConnected(_ address: ResolvedAddress) async {
        var backoff = Backoff()
        var lastComplaint = ""
        while !Task.isCancelled, state.withLock({ $0.listed.contains(address) }) {
            var pause = backoff.next(random: .random(in: 0..<1))
            do {
                var outcome = try await session(address, version: ProtocolLimits.scalerVersions.upperBound)
                if case .refused(let refusal) = outcome.ending, refusal.code == .version {
                    // A gateway that is yet to be replaced.
                    outcome = try await session(address, version: ProtocolLimits.scalerVersions.lowerBound)
                }
                if outcome.wasConnected {
                    backoff.reset()
                    pause = backoff.next(random: .random(in: 0..<1))
                    lastComplaint = ""
                }
                switch outcome.ending {
                case .duplicate: pause = .seconds(30)
                case .refused(let refusal): throw GatewayRefused(reason: refusal.reason)
                case .violation(let error): throw error
                case .silent: throw GatewayRefused(reason: "nothing was heard of it for \(configuration.silence)")
                case .unwelcome:
                    throw GatewayRefused(reason: "it did not answer within \(configuration.connectTimeout)")
                case nil: break
                }
            } catch {
                let complaint = "gateway \(address) cannot be reached: \(error)"
                // The same trouble is told once.
                logger.log(level: complaint == lastComplaint ? .debug : .warning, "\(complaint)")
                lastComplaint = complaint
            }
            // Cut short by the cancellation that ends the loop.
            try? await Task.sleep(for: pause)
        }
        state.withLock { _ = $0.dialed.remove(address) }
    }

    /// One connection, from its beginning to its end.
    private func session(_ address: ResolvedAddress, version: UInt16) async throws -> SessionOutcome.Value {
        let token = try await NIOThreadPool.singleton.runIfActive { [configuration] in
            try TokenFile.tokens(configuration.tokenFile)[0]
        }
        let hello = ScalerHello(version: version, token: token, scalerID: configuration.scalerID)
        let security = try await security()
        let host = serverName(of: address)
        let outcome = SessionOutcome()
        let silence = TimeAmount.nanoseconds(configuration.silence.wholeNanoseconds)
        let patience = TimeAmount.nanoseconds(configuration.connectTimeout.wholeNanoseconds)
        let channel = try await ClientBootstrap(group: loops)
            .connectTimeout(patience)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let security {
                        try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: host))
                    }
                    try pipeline.addHandler(IdleStateHandler(readTimeout: silence))
                    try pipeline.addHandler(
                        GatewaySession(
                            address: address.description,
                            hello: hello,
                            patience: patience,
                            feed: self,
                            outcome: outcome
                        )
                    )
                }
            }
            .connect(host: address.address, port: Int(address.port)).get()
        return try await withTaskCancellationHandler {
            try await channel.closeFuture.get()
            return outcome.value
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// What certificates are checked with, read anew so that a rotated authority is taken up.
    private func security() async throws -> NIOSSLContext? {
        guard let authorities = configuration.certificateAuthorities else { return nil }
        return try await NIOThreadPool.singleton.runIfActive {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.minimumTLSVersion = .tlsv12
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
            return try NIOSSLContext(configuration: tls)
        }
    }

    /// The name in the gateway's certificate; `nil` where that is its address.
    private func serverName(of address: ResolvedAddress) -> String? {
        if let name = configuration.serverName { return name }
        for gateway in configuration.gateways {
            guard gateway.port == address.port else { continue }
            let isAddress = (try? SocketAddress(ipAddress: gateway.host, port: 0)) != nil
            if isAddress, gateway.host == address.address { return nil }
            if !isAddress { return gateway.host }
        }
        return nil
    }
}

/// A gateway did not let the scaler in, or fell silent.
struct GatewayRefused: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
