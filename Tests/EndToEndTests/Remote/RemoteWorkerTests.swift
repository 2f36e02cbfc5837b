import Glibc
import JSON
import Testing

/// Workers that connect over TCP to every gateway.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct RemoteWorkerTests {
    private static let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello"),
        .init("sleep", "Sleep", "GET /sleep", "timeout: 10s"),
        .init("inspect", "Inspect", "GET /inspect"),
        .init("echo", "Echo", "POST /echo"),
        .init("absent", "Hello", "GET /absent", "timeout: 1s")
    )

    private static func waitForWorkers(_ count: Int, of function: String, at gateways: RemoteGateway...) throws {
        for gateway in gateways {
            try eventually(
                "\(count) workers of \(function) at \(gateway.address)",
                within: .seconds(60),
                state: gateway.process.errorText
            ) {
                try gateway.count("ready", of: function) == count
                    && (count == 0 || gateway.count("slots", of: function) > 0)
            }
        }
    }

    @Test(arguments: [RemoteShop.Security.plaintext, .tls])
    func aWorkerServesEveryGateway(security: RemoteShop.Security) throws {
        let shop = try RemoteShop(Self.manifest, security: security)
        let first = try shop.gateway("127.0.0.2")
        let second = try shop.gateway("127.0.0.3")
        #expect(try first.admin("/readyz").status == 200)
        let worker = try shop.worker(
            "inspect",
            handler: "Inspect",
            gateways: [first.address, second.address],
            environment: ["GREETING": "hi", "HOSTNAME": "pod-1"]
        )
        try Self.waitForWorkers(1, of: "inspect", at: first, second)
        for gateway in [first, second] {
            let reply = try gateway.get("/inspect?variable=GREETING")
            #expect(reply.status == 200)
            #expect(try reply.json["variable"]?.stringValue == "hi")
            #expect(try reply.json["worker"]?.stringValue == "pod-1")
            // Eight slots, shared.
            #expect(try gateway.count("slots", of: "inspect") == 4)
        }
        let body = [UInt8]((0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let echo = try shop.worker("echo", handler: "Echo", gateways: [first.address, second.address])
        try Self.waitForWorkers(1, of: "echo", at: first)
        let connection = try first.connect()
        let sender = Shop.bytes("POST", "/echo", ["Connection: close"], body: body)
        #expect(connection.send(sender))
        #expect(try connection.reply(to: "POST", within: .seconds(60)).body == body)
        worker.signal(SIGTERM)
        echo.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(60)) == .code(0))
        #expect(try echo.end(within: .seconds(60)) == .code(0))
        #expect(try first.stop() == .code(0))
        #expect(try second.stop() == .code(0))
    }

    @Test func oneBusyGatewayUsesAlmostAllSlotsAndNoneIsStarved() async throws {
        let shop = try RemoteShop(Self.manifest)
        let first = try shop.gateway("127.0.0.2")
        let second = try shop.gateway("127.0.0.3")
        let worker = try shop.worker("sleep", handler: "Sleep", gateways: [first.address, second.address])
        try Self.waitForWorkers(1, of: "sleep", at: first, second)
        // Far more than its half of the slots, for long enough to be seen.
        let busy = Load(port: first.port, address: first.address, connections: 20)
        async let load = busy.run { _ in Load.Request("GET", "/sleep?ms=300") }
        try eventually("the first gateway has all slots but one") { try first.count("running", of: "sleep") >= 7 }
        // The other one is served at once all the same, again and again.
        for _ in 0..<5 { #expect(try second.get("/sleep?ms=1").text == "slept") }
        let most = try first.count("running", of: "sleep") + second.count("running", of: "sleep")
        #expect(most <= 8, "\(most) at a time in a worker of 8 slots")
        busy.stop()
        let result = await load
        #expect(result.failed == 0, "\(result.failures)")
        worker.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(60)) == .code(0))
    }

    @Test func aSingleSlotServesTwoGateways() async throws {
        let shop = try RemoteShop(Self.manifest)
        let first = try shop.gateway("127.0.0.2")
        let second = try shop.gateway("127.0.0.3")
        let worker = try shop.worker(
            "sleep",
            handler: "Sleep",
            concurrency: 1,
            gateways: [first.address, second.address]
        )
        try eventually("both know the worker", within: .seconds(60)) {
            try first.count("ready", of: "sleep") == 1 && second.count("ready", of: "sleep") == 1
        }
        for _ in 0..<3 {
            #expect(try first.get("/sleep?ms=1").status == 200)
            #expect(try second.get("/sleep?ms=1").status == 200)
        }
        // Both at once, each with more than one to do.
        let loads = [first, second].map { Load(port: $0.port, address: $0.address, connections: 3, total: 60) }
        async let one = loads[0].run { _ in Load.Request("GET", "/sleep?ms=5") }
        async let other = loads[1].run { _ in Load.Request("GET", "/sleep?ms=5") }
        let results = await [one, other]
        for result in results { #expect(result.failed == 0 && result.answered == 60, "\(result)") }
        _ = worker
    }

    @Test func aTermSignalFinishesWhatRunsAndExitsWithZero() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let worker = try shop.worker("sleep", handler: "Sleep", gateways: [gateway.address])
        try Self.waitForWorkers(1, of: "sleep", at: gateway)
        async let reply = gateway.get("/sleep?ms=1500")
        try eventually("it runs") { try gateway.count("running", of: "sleep") == 1 }
        worker.signal(SIGTERM)
        try eventually("it leaves") { try gateway.count("ready", of: "sleep") == 0 }
        #expect(try gateway.count("leaving", of: "sleep") == 1)
        #expect(try await reply.text == "slept")
        #expect(try worker.end(within: .seconds(60)) == .code(0))
        #expect(try gateway.metric("shopfn_requests_total", "function=\"sleep\"", "code=\"200\"") == 1)
    }

    @Test func theGraceBoundsHowLongATermSignalWaits() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let worker = try shop.worker("sleep", handler: "Sleep", gateways: [gateway.address], ["--grace", "0.5"])
        try Self.waitForWorkers(1, of: "sleep", at: gateway)
        async let reply = gateway.get("/sleep?ms=9000")
        try eventually("it runs") { try gateway.count("running", of: "sleep") == 1 }
        worker.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(60)) == .code(1))
        #expect([500, 502, 503, 504].contains(try await reply.status))
    }

    @Test func aKilledWorkersRequestsGoToAnother() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let doomed = try shop.worker("sleep", handler: "Sleep", gateways: [gateway.address], name: "doomed")
        try Self.waitForWorkers(1, of: "sleep", at: gateway)
        async let reply = gateway.get("/sleep?ms=700")
        try eventually("it runs") { try gateway.count("running", of: "sleep") == 1 }
        let heir = try shop.worker("sleep", handler: "Sleep", gateways: [gateway.address], name: "heir")
        try Self.waitForWorkers(2, of: "sleep", at: gateway)
        doomed.signal(SIGKILL)
        #expect(try await reply.text == "slept")
        #expect(try gateway.metric("shopfn_retries_total", "function=\"sleep\"") == 1)
        _ = heir
    }

    @Test func aKilledGatewayDisturbsNothingElsewhereAndIsFoundAgain() async throws {
        let shop = try RemoteShop(Self.manifest)
        let doomed = try shop.gateway("127.0.0.2")
        let other = try shop.gateway("127.0.0.3")
        let worker = try shop.worker("sleep", handler: "Sleep", gateways: [doomed.address, other.address])
        try Self.waitForWorkers(1, of: "sleep", at: doomed, other)
        async let kept = other.get("/sleep?ms=1500")
        async let lost: Reply? = try? doomed.get("/sleep?ms=1500")
        try eventually("both run") {
            try doomed.count("running", of: "sleep") == 1 && other.count("running", of: "sleep") == 1
        }
        doomed.process.signal(SIGKILL)
        #expect(try doomed.process.end(within: .seconds(60)) == .signal(SIGKILL))
        #expect(try await kept.text == "slept")
        #expect(await lost == nil)
        let again = try shop.gateway("127.0.0.2")
        try Self.waitForWorkers(1, of: "sleep", at: again)
        #expect(try again.get("/sleep?ms=1").text == "slept")
        #expect(worker.isRunning)
    }

    @Test func withoutAWorkerARequestIsAnswered503WhenItsDeadlineNears() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let begin = ContinuousClock.now
        let reply = try gateway.get("/absent")
        #expect(reply.status == 503 && reply.problem == "no-worker", "\(reply)")
        #expect(reply["retry-after"] != nil)
        #expect(reply.detail.contains("no scaler is connected"))
        #expect(ContinuousClock.now - begin > .milliseconds(500))
        #expect(try gateway.metric("shopfn_autoscaler_connected") == 0)
    }

    @Test func theManifestIsTakenUpWhenItsFileIsReplaced() throws {
        let shop = try RemoteShop(Self.manifest)
        // As a mounted ConfigMap does it: the file is a link into a folder that is a link itself.
        for version in ["v1", "v2"] { mkdir(shop.folder(version), 0o755) }
        let more = ProbeManifest(.init("hello", "Hello", "GET /hello"), .init("new", "Hello", "GET /new"))
        rename(shop.folder("functions.yaml"), shop.folder("v1/functions.yaml"))
        try Files.replace(shop.folder("v2/functions.yaml"), more.text)
        symlink("v1", shop.folder("data"))
        symlink("data/functions.yaml", shop.folder("functions.yaml"))
        let gateway = try shop.gateway()
        #expect(try gateway.get("/new").status == 404)
        symlink("v2", shop.folder("data.new"))
        rename(shop.folder("data.new"), shop.folder("data"))
        let worker = try shop.worker("new", handler: "Hello", gateways: [gateway.address])
        try eventually("the new function is there", within: .seconds(60), state: gateway.process.errorText) {
            try gateway.get("/new").status == 200
        }
        _ = worker
    }

    @Test func aNameIsFollowedAsItsAddressesChange() throws {
        guard getuid() == 0, Programs.installed("unshare") != nil else {
            return print("skipped: a hosts file of one's own needs root and unshare")
        }
        let shop = try RemoteShop(Self.manifest)
        let first = try shop.gateway("127.0.0.2")
        try Files.replace(shop.folder("hosts"), "127.0.0.1 localhost\n127.0.0.2 gateways.test\n")
        let script = "mount --bind \(shop.folder("hosts")) /etc/hosts && exec \"$@\""
        let unshare = try #require(Programs.installed("unshare"))
        let worker = try shop.worker(
            "hello",
            handler: "Hello",
            gateways: ["dns:///gateways.test:\(shop.workerPort)"],
            prefix: [unshare, "--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh"]
        )
        try Self.waitForWorkers(1, of: "hello", at: first)
        let second = try shop.gateway("127.0.0.3")
        #expect(try second.count("ready", of: "hello") == 0)
        // Within the mounted file, as it is this very one that is looked at.
        try Files.overwrite(shop.folder("hosts"), "127.0.0.2 gateways.test\n127.0.0.3 gateways.test\n")
        try Self.waitForWorkers(1, of: "hello", at: second)
        #expect(try second.get("/hello").text == "hello")
        #expect(try first.get("/hello").text == "hello")
        worker.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(60)) == .code(0))
    }

    @Test func aThousandWorkersOnOneGateway() async throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        let workers = try LightWorkers(
            1_000,
            function: "hello",
            slots: 2,
            token: "a-secret-of-this-test",
            address: gateway.address,
            port: shop.workerPort
        )
        let end = ContinuousClock.now + .seconds(60)
        while workers.welcomed < 1_000, ContinuousClock.now < end { try workers.work(for: .milliseconds(100)) }
        #expect(workers.welcomed == 1_000)
        let load = Load(port: gateway.port, connections: 50, total: 5_000)
        async let result = load.run { _ in Load.Request("GET", "/hello") }
        while load.answered < 5_000, ContinuousClock.now < end { try workers.work(for: .milliseconds(50)) }
        load.stop()
        let outcome = await result
        #expect(outcome.failed == 0 && outcome.answered == 5_000, "\(outcome)")
        #expect(workers.answered == 5_000)
        let free = try gateway.count("freeSlots", of: "hello")
        #expect(free == 2_000)
    }
}
