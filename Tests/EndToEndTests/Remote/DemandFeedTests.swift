import Demand
import GatewayDemand
import Glibc
import JSON
import Logging
import LoopbackTestSupport
import Peering
import Synchronization
import Testing
import WorkerProtocol

/// A scaler's side of the worker port, against real gateways.
@Suite(.blocking, .timeLimit(.minutes(10)))
struct DemandFeedTests {
    private static let manifest = ProbeManifest(
        .init("sleep", "Sleep", "GET /sleep", "timeout: 4s", "concurrency: 3"),
        .init("hello", "Hello", "GET /hello", "timeout: 20s")
    )

    /// What a scaler that reads a feed knows.
    private final class Scaler: Sendable {
        struct Knowledge {
            var pools: [GatewayName: [String: PoolDemand]] = [:]
            var reach: (known: Int, connected: Int) = (0, 0)
            var batches = 0
            /// When each function was first seen to have requests that wait.
            var waitingSince: [String: ContinuousClock.Instant] = [:]
        }

        let feed: DemandFeed
        private let knowledge = Mutex(Knowledge())

        init(_ shop: RemoteShop, _ addresses: [String], token: String? = nil) throws {
            var settings = DemandFeedConfiguration(
                gateways: try addresses.map { try GatewayAddress("\($0):\(shop.workerPort)") },
                tokenFile: token ?? shop.folder("token"),
                scalerID: "test"
            )
            if shop.security == .tls {
                settings.certificateAuthorities = shop.folder("ca.pem")
                settings.serverName = "gateways"
            }
            settings.resolveEvery = .milliseconds(200)
            feed = DemandFeed(settings, logger: Logger(label: "test"))
        }

        /// Runs the feed and reads it until `body` is done.
        func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.feed.run() }
                group.addTask { await self.read() }
                defer { group.cancelAll() }
                return try await body()
            }
        }

        private func read() async {
            for await events in feed.batches {
                knowledge.withLock { knowledge in
                    knowledge.batches += 1
                    for event in events {
                        switch event {
                        case .connected(let gateway, let pools):
                            knowledge.pools[gateway] = Dictionary(uniqueKeysWithValues: pools.map { ($0.function, $0) })
                        case .disconnected(let gateway): knowledge.pools[gateway] = nil
                        case .removed(let gateway, let function): knowledge.pools[gateway]?[function] = nil
                        case .reach(let known, let connected): knowledge.reach = (known, connected)
                        case .othersClaim, .othersSilent: break
                        case .demand(let gateway, let demand):
                            knowledge.pools[gateway]?[demand.function] = demand
                            if demand.queued > 0, knowledge.waitingSince[demand.function] == nil {
                                knowledge.waitingSince[demand.function] = .now
                            }
                        }
                    }
                }
            }
        }

        func sees<Value>(_ body: (Knowledge) -> Value) -> Value { knowledge.withLock { body($0) } }

        func total(_ function: String, _ figure: (PoolDemand) -> Int) -> Int {
            sees { $0.pools.values.compactMap { $0[function] }.map(figure).reduce(0, +) }
        }
    }

    @Test(arguments: [RemoteShop.Security.plaintext, .tls])
    func demandOfEveryGatewayIsPushed(security: RemoteShop.Security) async throws {
        let shop = try RemoteShop(Self.manifest, security: security)
        let first = try shop.gateway("127.0.0.2")
        let second = try shop.gateway("127.0.0.3")
        let scaler = try Scaler(shop, [first.address, second.address])
        try await scaler.run {
            try eventually("both are connected", within: .seconds(60)) {
                scaler.sees {
                    $0.pools.count == 2 && $0.reach == (2, 2) && $0.pools.values.allSatisfy { $0.count == 2 }
                }
            }
            #expect(scaler.sees { $0.pools.values.first?["sleep"]?.route } == "GET /sleep")
            #expect(scaler.sees { $0.pools.values.first?["sleep"]?.concurrency } == 3)
            async let waiting = first.get("/hello", within: .seconds(60))
            try eventually("the arrival at zero is seen") {
                scaler.total("hello") { $0.queued } == 1 && scaler.total("hello") { Int($0.arrivals) } == 1
            }
            let worker = try shop.worker("hello", handler: "Hello", gateways: [first.address, second.address])
            #expect(try await waiting.text == "hello")
            try eventually("the worker is seen at both") {
                scaler.total("hello") { $0.readyWorkers } == 2 && scaler.total("hello") { $0.freeSlots } == 8
            }
            try eventually("its end is seen") { scaler.total("hello") { $0.inFlight } == 0 }
            _ = worker
        }
    }

    @Test func aBusyPoolIsToldSeldom() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let scaler = try Scaler(shop, [gateway.address])
        let worker = try shop.worker("hello", handler: "Hello", gateways: [gateway.address])
        try await scaler.run {
            try eventually("the worker is seen", within: .seconds(60)) {
                scaler.total("hello") { $0.freeSlots } == 8
            }
            let before = scaler.sees(\.batches)
            let begin = ContinuousClock.now
            let result = await Load(port: gateway.port, connections: 4, total: 20_000).run { _ in
                Load.Request("GET", "/hello")
            }
            #expect(result.failed == 0)
            let spent = (ContinuousClock.now - begin) / .milliseconds(1)
            let told = scaler.sees(\.batches) - before
            // One in 100 ms, and one more each time somebody begins to wait, which is told at most once in that time.
            #expect(Double(told) <= 2 * spent / 100 + 5, "\(told) in \(spent) ms")
            try eventually("all arrivals are counted in the end") {
                scaler.total("hello") { Int($0.arrivals) } == 20_000 && scaler.total("hello") { $0.inFlight } == 0
            }
        }
        _ = worker
    }

    @Test func aGatewayThatIsKilledIsForgottenAndFoundAgain() async throws {
        let shop = try RemoteShop(Self.manifest)
        let doomed = try shop.gateway("127.0.0.2")
        let other = try shop.gateway("127.0.0.3")
        let scaler = try Scaler(shop, [doomed.address, other.address])
        try await scaler.run {
            try eventually("both are connected", within: .seconds(60)) { scaler.sees { $0.pools.count == 2 } }
            let old = scaler.sees { Set($0.pools.keys) }
            doomed.process.signal(SIGKILL)
            try eventually("one is forgotten") { scaler.sees { $0.pools.count == 1 && $0.reach == (2, 1) } }
            _ = try doomed.process.end(within: .seconds(60))
            let again = try shop.gateway("127.0.0.2")
            try eventually("it is found again", within: .seconds(60)) { scaler.sees { $0.pools.count == 2 } }
            #expect(scaler.sees { Set($0.pools.keys) }.subtracting(old).count == 1, "as another one")
            _ = again
        }
    }

    @Test func whatTheLeadingScalerSaysIsShown() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let scaler = try Scaler(shop, [gateway.address])
        try await scaler.run {
            try eventually("it is connected", within: .seconds(60)) { scaler.sees { $0.pools.count == 1 } }
            #expect(try gateway.metric("shopfn_autoscaler_connected") == 0)
            let failure = PoolFailure(kind: .imagePull, message: "image x:1 cannot be pulled", retryAfter: .seconds(7))
            var status = PoolStatus(function: "sleep", wanted: 2, pods: 1, reason: "because", policy: "hybrid")
            status.failure = failure
            scaler.feed.report(status)
            async let waiting = gateway.get("/sleep?ms=1")
            try eventually("a request waits: nobody leads") { try gateway.count("queued", of: "sleep") == 1 }
            scaler.feed.lead(true)
            let reply = try await waiting
            #expect(reply.status == 503 && reply.problem == "cannot-start", "\(reply)")
            #expect(reply.detail.contains("image x:1 cannot be pulled") && reply["retry-after"] == "7")
            #expect(try gateway.get("/sleep?ms=1").status == 503, "arrivals are refused at once")
            #expect(try gateway.metric("shopfn_autoscaler_connected") == 1)
            let pool = try gateway.pool("sleep")
            #expect(pool["wanted"]?.intValue == 2 && pool["reason"]?.stringValue == "because", "\(pool)")
            #expect(pool["policy"]?.stringValue == "hybrid" && pool["starting"]?.intValue == 1)
            #expect(pool["failure"]?.stringValue == "image x:1 cannot be pulled")
            try eventually("refused arrivals are demand, too") { scaler.total("sleep") { Int($0.arrivals) } == 2 }

            // A failure that may pass: requests wait, and are told of it in the end.
            status.failure = PoolFailure(kind: .quota, message: "the quota of pods is used up")
            scaler.feed.report(status)
            try eventually("it is shown") {
                try gateway.pool("sleep")["failure"]?.stringValue == "the quota of pods is used up"
            }
            let late = try gateway.get("/sleep?ms=1")
            #expect(late.status == 503 && late.problem == "no-worker", "\(late)")
            #expect(late.detail.contains("the quota of pods is used up"))

            status.failure = nil
            scaler.feed.report(status)
            try eventually("it is over") { try gateway.pool("sleep")["failure"] == .null }
            let starting = try gateway.get("/sleep?ms=1")
            #expect(starting.detail.contains("1 of 2 wanted are being started"), "\(starting)")
        }
        try eventually("the gateway says that it is gone") { try gateway.metric("shopfn_autoscaler_connected") == 0 }
        #expect(try gateway.pool("sleep")["wanted"]?.intValue == 2, "pods stay as they are")
        #expect(try gateway.get("/sleep?ms=1").detail.contains("no scaler is connected"))
    }

    @Test func loadsOfWorkersAreAddedUp() async throws {
        let shop = try RemoteShop(Self.manifest)
        let first = try shop.gateway("127.0.0.2")
        let second = try shop.gateway("127.0.0.3")
        let scaler = try Scaler(shop, [first.address, second.address])
        let addresses = [first.address, second.address]
        let workers = try ["busy", "idle"].map {
            try shop.worker("sleep", handler: "Sleep", gateways: addresses, name: $0)
        }
        try await scaler.run {
            try eventually("the workers are seen", within: .seconds(60)) {
                scaler.total("sleep") { $0.freeSlots } == 16
            }
            async let one = first.get("/sleep?ms=2500")
            async let other = second.get("/sleep?ms=2500")
            try eventually("both run") { scaler.total("sleep") { $0.inFlight } == 2 }
            let loads = await scaler.feed.loads(of: "sleep")
            #expect(loads.count == 2 && loads.values.reduce(0, +) == 2, "\(loads)")
            #expect(try await [one.status, other.status] == [200, 200])
            #expect(await scaler.feed.loads(of: "sleep") == ["busy": 0, "idle": 0])
            #expect(await scaler.feed.loads(of: "nothing") == [:])
        }
        _ = workers
    }

    @Test func aGatewayThatOnlyListensIsGivenUp() async throws {
        let shop = try RemoteShop(Self.manifest)
        let (listener, port) = try LoopbackTestSupport.listen()
        defer { close(listener) }
        var settings = DemandFeedConfiguration(
            gateways: [try GatewayAddress("127.0.0.1:\(port)")],
            tokenFile: shop.folder("token"),
            scalerID: "test"
        )
        settings.connectTimeout = .milliseconds(300)
        settings.silence = .seconds(3_600)
        let feed = DemandFeed(settings, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await feed.run() }
            defer { group.cancelAll() }
            for _ in 0..<2 {
                var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                try #require(poll(&waiting, 1, 60_000) == 1, "it comes, and again after it gave up")
                let connection = accept(listener, nil, nil)
                defer { close(connection) }
                var bytes = [UInt8](repeating: 0, count: 4_096)
                var count = 1
                while count > 0 {
                    var unread = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
                    try #require(poll(&unread, 1, 60_000) == 1, "it gives up")
                    count = read(connection, &bytes, bytes.count)
                }
            }
        }
    }

    @Test func aScalerWithTheWrongTokenIsRefused() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        try Files.replace(shop.folder("wrong"), "no\n")
        let scaler = try Scaler(shop, [gateway.address], token: shop.folder("wrong"))
        try await scaler.run {
            try eventually("it is counted", within: .seconds(60)) {
                try (gateway.metric("shopfn_refused_workers_total", "reason=\"token\"") ?? 0) > 0
            }
            #expect(scaler.sees { $0.pools.isEmpty && $0.reach == (1, 0) })
            try Files.replace(shop.folder("wrong"), "a-secret-of-this-test\n")
            try eventually("it is let in with the right one", within: .seconds(60)) {
                scaler.sees { $0.pools.count == 1 }
            }
        }
    }
}
