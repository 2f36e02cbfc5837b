import Glibc
import JSON
import Testing

/// Long loads under which something is done to the shop all the time; one after another, so that they do not disturb
/// each other.
@Suite(.alone, .timeLimit(.minutes(15)))
struct EnduranceTests {
    /// Requests of the longest load; `SHOPFN_E2E_REQUESTS` says otherwise for a slow machine.
    private static let requests: Int = {
        if let chosen = getenv("SHOPFN_E2E_REQUESTS"), let number = Int(String(cString: chosen)) { return number }
        #if DEBUG
        return 20_000
        #else
        return 100_000
        #endif
    }()

    @Test func everyRequestIsAnsweredWhileWorkersAreKilled() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init("hello", "Hello", "GET /hello", "concurrency: 16", "scale: { min: 2, max: 6, idle: 60s }")
            )
        )
        try eventually("two workers are ready") { try shop.pool("hello").ready == 2 }
        let load = Load(port: shop.port, connections: 64)
        async let result = load.run { _ in .init("GET", "/hello") }
        // Buffers and tables grow to their size first.
        try eventually("the gateway is warm", within: .seconds(60)) { load.answered >= Self.requests / 10 }
        let before = Processes.anonymousKiB(shop.process.pid)
        var killed = 0
        while load.answered < Self.requests || killed < 10 {
            let mark = load.answered
            let end = ContinuousClock.now + .seconds(1)
            if let pid = shop.workers("hello").randomElement(), kill(pid, SIGKILL) == 0 { killed += 1 }
            while ContinuousClock.now < end { usleep(5_000) }
            try eventually("load goes on") { load.answered > mark }
        }
        let after = Processes.anonymousKiB(shop.process.pid)
        load.stop()
        let done = await result
        #expect(done.failed == 0 && done.resent == 0, "\(done.failures)")
        #expect(done.statuses.keys.elementsEqual([200]) && done.answered >= Self.requests)
        #expect(
            try shop.metric("shopfn_worker_deaths_total", "function=\"hello\"", "cause=\"signal\"") == Double(killed)
        )
        #expect(after - before < 8 << 10, "the gateway grew from \(before) to \(after) KiB")
        #expect(shop.process.isRunning)
        #expect(try shop.stop() == .code(0))
    }

    @Test func noRequestFailsWhileWorkersComeAndGo() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init("sleep", "Sleep", "GET /sleep", "concurrency: 1", "scale: { min: 0, max: 6, idle: 100ms }"),
                .init("hello", "Hello", "POST /hello", "concurrency: 2", "scale: { min: 0, max: 6, idle: 100ms }")
            )
        )
        // A few clients all the time, and now and then many: the pool goes up and down under them. Half of the
        // requests must not be repeated, so that none is lost unseen.
        let steady = Load(port: shop.port, connections: 2)
        async let steadily = steady.run { index in
            index % 2 == 0 ? .init("GET", "/sleep?ms=2") : .init("POST", "/hello", body: [1])
        }
        var waves = 0
        for round in 0..<20 {
            let wave = Load(port: shop.port, connections: 12, total: 120)
            let done = await wave.run { index in
                index % 2 == 0 ? .init("GET", "/sleep?ms=10") : .init("POST", "/hello", body: [1])
            }
            #expect(done.failed == 0 && done.resent == 0 && done.answered == 120, "round \(round): \(done.failures)")
            try eventually("round \(round): workers leave") { try shop.pool("sleep").ready <= 2 }
            waves += 1
        }
        steady.stop()
        let done = await steadily
        #expect(done.failed == 0 && done.resent == 0, "\(done.failures)")
        #expect(waves == 20)
        for function in ["sleep", "hello"] {
            #expect(try shop.metric("shopfn_retries_total", "function=\"\(function)\"") == 0)
            #expect(try shop.metric("shopfn_worker_deaths_total", "function=\"\(function)\"") == nil)
        }
        #expect(try shop.stop() == .code(0))
    }

    /// A folder with a copy of the probe, to be put in its place again and again as a linker does.
    private func modules() throws -> (folder: TemporaryFolder, probe: [UInt8]) {
        let folder = try TemporaryFolder()
        let probe = try Files.bytes(Programs.path("probe"))
        try Files.replace(folder("probe"), probe, mode: 0o700)
        return (folder, probe)
    }

    private func manifest(_ round: Int, rounds: String = "ROUND") -> ProbeManifest {
        ProbeManifest(
            .init("inspect", "Inspect", "GET /inspect", "environment: { \(rounds): \"\(round)\" }", "concurrency: 4"),
            .init("sleep", "Sleep", "POST /sleep")
        )
    }

    /// Load on both functions while `change` puts the shop's next round in force; twenty times.
    private func reload(_ shop: Shop, _ change: (Int) throws -> Void, took: @escaping (Int) throws -> Bool) async throws
    {
        let load = Load(port: shop.port, connections: 16)
        async let result = load.run { index in
            index % 2 == 0 ? .init("GET", "/inspect?variable=ROUND") : .init("POST", "/sleep?ms=20", body: [1])
        }
        for round in 1...20 {
            let mark = load.answered
            try change(round)
            try eventually("round \(round) is in force", within: .seconds(60), state: shop.process.errorText) {
                try took(round)
            }
            try eventually("load goes on") { load.answered > mark + 20 }
        }
        load.stop()
        let done = await result
        #expect(done.failed == 0 && done.resent == 0 && done.answered > 400, "\(done.failures)")
        #expect(done.statuses.keys.elementsEqual([200]))
        for function in ["inspect", "sleep"] {
            #expect(try shop.metric("shopfn_retries_total", "function=\"\(function)\"") == 0)
        }
    }

    private func round(_ shop: Shop) throws -> Int? {
        try shop.get("/inspect?variable=ROUND").json["variable"]?.stringValue.flatMap { Int($0) }
    }

    @Test func noRequestFailsWhileTheManifestIsReloaded() async throws {
        let shop = try Shop(manifest(0))
        #expect(try round(shop) == 0)
        try await reload(shop) { round in
            try Files.replace(shop.folder("functions.yaml"), manifest(round).text)
            shop.process.signal(SIGHUP)
        } took: { round in
            try self.round(shop) == round
        }
        // What is wrong is not taken up, and said.
        try Files.replace(shop.folder("functions.yaml"), "version: 1\nfunctions: nonsense\n")
        shop.process.signal(SIGHUP)
        try eventually("the mistake is told") { shop.process.errorText.contains("not reloaded") }
        #expect(try round(shop) == 20)
        #expect(try shop.stop() == .code(0))
    }

    @Test func noRequestFailsWhileTheModuleIsReplaced() async throws {
        let (folder, probe) = try modules()
        let shop = try Shop(manifest(0), modules: folder.path)
        var revisions: Set<String> = []
        func revision() throws -> String {
            try shop.get("/inspect").json["revision"]?.stringValue ?? ""
        }
        revisions.insert(try revision())
        try await reload(shop) { _ in
            try Files.replace(folder("probe"), probe, mode: 0o700)
            shop.process.signal(SIGHUP)
        } took: { round in
            revisions.insert(try revision())
            return revisions.count == round + 1
        }
        // The templates of the former files are gone with their last workers.
        try eventually("one template is left") {
            Processes.all().count { $0.parent == shop.process.pid } == 1
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func noRequestFailsWhileChangesAreWatchedFor() async throws {
        let (folder, probe) = try modules()
        let shop = try Shop(manifest(0), ["--watch"], modules: folder.path)
        #expect(try round(shop) == 0)
        try await reload(shop) { round in
            // The manifest in one round, the module as well in the next.
            if round % 2 == 0 { try Files.replace(folder("probe"), probe, mode: 0o700) }
            try Files.replace(shop.folder("functions.yaml"), manifest(round).text)
        } took: { round in
            try self.round(shop) == round
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func functionsAreAddedAndRemovedUnderLoad() async throws {
        let shop = try Shop(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        let load = Load(port: shop.port, connections: 8)
        async let result = load.run { _ in .init("GET", "/hello") }
        for round in 0..<20 {
            var manifest = ProbeManifest(.init("hello", "Hello", "GET /hello"))
            if round % 2 == 0 { manifest.functions.append(.init("extra", "Count", "GET /extra")) }
            try Files.replace(shop.folder("functions.yaml"), manifest.text)
            shop.process.signal(SIGHUP)
            try eventually("round \(round) is in force", within: .seconds(60)) {
                try shop.get("/extra").status == (round % 2 == 0 ? 200 : 404)
            }
        }
        load.stop()
        let done = await result
        #expect(done.failed == 0 && done.resent == 0 && done.statuses.keys.elementsEqual([200]), "\(done.failures)")
        try eventually("the workers of what was removed are gone") { shop.workers("extra").isEmpty }
        #expect(try shop.stop() == .code(0))
    }
}
