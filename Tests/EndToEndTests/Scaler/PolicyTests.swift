import Glibc
import JSON
import Testing

/// Each function's own policy, with real processes under real load.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct PolicyTests {
    @Test(
        arguments: [
            "scale: { max: 3, policy: adaptive, idle: 3s }",
            "scale: { max: 3, policy: concurrency, stable: 3s, panic: 1s }",
            "scale: { max: 3, policy: rate, target: 20, stable: 3s, panic: 1s }",
        ]
    )
    func fromZeroUpAndBackWithoutFlutterAndNeverAboveTheCap(_ scale: String) async throws {
        let shop = try Shop(ProbeManifest(.init("sleep", "Sleep", "GET /sleep", "concurrency: 2", scale)))
        #expect(try shop.pool("sleep").workers == 0)
        let load = Load(port: shop.port, connections: 12)
        async let result = load.run { .init("GET", "/sleep?ms=\(10 + $0 % 20)") }
        var most = 0
        try await within(.seconds(60)) {
            let pool = try shop.pool("sleep")
            most = max(most, shop.workers("sleep").count)
            #expect(pool.wanted <= 3 && pool.ready <= 3 && pool.running <= 6, "\(pool)")
            return load.answered > 1_500 && most == 3
        }
        load.stop()
        let done = await result
        #expect(done.failures.isEmpty && done.statuses.keys.elementsEqual([200]))
        #expect(most == 3)
        try eventually("no worker is left", within: .seconds(60), state: (try? "\(shop.pool("sleep"))") ?? "") {
            try shop.pool("sleep").workers == 0 && shop.workers().isEmpty
        }
        // Once up and once down: a pool that flutters turns more often.
        let history = try shop.explanation("sleep")["history"]?.arrayValue ?? []
        let steps = history.compactMap { step in
            step["wanted"]?.intValue.flatMap { wanted in step["before"]?.intValue.map { wanted - $0 } }
        }
        let directions = steps.filter { $0 != 0 }.map { $0 > 0 }
        let turns = zip(directions, directions.dropFirst()).count { $0 != $1 }
        #expect(turns == 1 && directions.first == true && directions.last == false, "\(history)")
        #expect(history.allSatisfy { ($0["wanted"]?.intValue ?? .max) <= 3 })
        #expect(try shop.stop() == .code(0))
    }

    @Test func aReloadChangesThePolicy() throws {
        func manifest(_ scale: String) -> ProbeManifest {
            ProbeManifest(.init("inspect", "Inspect", "GET /inspect", scale))
        }
        let shop = try Shop(manifest("scale: { policy: fixed, idle: 1h }"))
        #expect(try shop.get("/inspect").status == 200)
        #expect(try shop.pool("inspect").policy == "fixed")
        #expect(try shop.pool("inspect").wanted == 1)

        try shop.reload(manifest("scale: { policy: adaptive, cost: lean, idle: 200ms }"))
        try eventually("the new policy lets the worker go", within: .seconds(60)) {
            let pool = try shop.pool("inspect")
            return pool.policy == "adaptive" && pool.workers == 0
        }
        #expect(try shop.get("/inspect").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aManifestThatNamesNoPolicyIsAdaptive() throws {
        let folder = try TemporaryFolder()
        try Files.replace(
            folder("functions.yaml"),
            "{version: 1, service: x, functions: {a: {module: probe, handler: Hello, route: GET /a}}}"
        )
        let process = try ChildProcess(Programs.path("shopfn"), ["list", "--output", "json"], folder: folder.path)
        #expect(try process.end(within: .seconds(60)) == .code(0))
        let scale = try JSONValue(parsing: Array(process.text.utf8))["functions"]?.arrayValue?.first?["scale"]
        #expect(scale?["policy"]?.stringValue == "adaptive" && scale?["idleMs"] == .null)
    }

    @Test func aWindowOfTheScheduleKeepsWorkers() throws {
        func manifest(_ scale: String) -> ProbeManifest {
            ProbeManifest(.init("inspect", "Inspect", "GET /inspect", scale))
        }
        // It opens every minute and closes on a day that is years away.
        let window = "{ start: \"* * * * *\", end: \"0 0 29 2 *\", timezone: Europe/Berlin, min: 2 }"
        let shop = try Shop(manifest("scale: { policy: adaptive, max: 4, schedule: [\(window)] }"))
        try eventually("two workers are ready", within: .seconds(60)) { try shop.pool("inspect").ready == 2 }
        let pool = try shop.pool("inspect")
        #expect(pool.wanted == 2 && pool.reason == "the schedule keeps 2 workers warm", "\(pool)")
        let explanation = try shop.explanation("inspect")
        #expect(explanation["label"]?.stringValue == "scheduled" && explanation["schedule"]?["min"]?.intValue == 2)
        try shop.reload(manifest("scale: { policy: adaptive, max: 4 }"))
        try eventually("none is left", within: .seconds(60)) { try shop.pool("inspect").workers == 0 }
        #expect(try shop.stop() == .code(0))
    }

    /// Looks again and again until it is so, leaving the thread to others in between.
    private func within(_ bound: Duration, _ condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + bound
        while try !condition() {
            guard ContinuousClock.now < end else { throw TestFailure("not within \(bound)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension Shop {
    /// Why a function has the workers it has.
    func explanation(_ function: String) throws -> JSONValue {
        try admin("/api/pools/\(function)").json
    }

    /// Takes up another manifest.
    func reload(_ manifest: ProbeManifest) throws {
        try Files.replace(folder("functions.yaml"), manifest.text)
        process.signal(SIGHUP)
    }
}
