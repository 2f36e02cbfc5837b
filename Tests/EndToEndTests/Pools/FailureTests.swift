import Glibc
import JSON
import Testing

/// Handlers that do not answer, workers that die, functions that cannot start.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct FailureTests {
    @Test func aHandlerThatYieldsAtItsDeadlineKeepsItsWorker() throws {
        let shop = try Shop(
            ProbeManifest(.init("sleep", "Sleep", "GET /sleep", "timeout: 3s", "scale: { min: 1, max: 1 }"))
        )
        try eventually("a worker is ready") { try shop.pool("sleep").ready == 1 }
        let workers = shop.workers("sleep")
        let reply = try shop.get("/sleep?ms=60000")
        #expect(reply.status == 504 && reply.problem == "deadline-passed" && reply.keepsAlive == false)
        try eventually("the slot is free") { try shop.pool("sleep").abandoned == 0 }
        #expect(try shop.get("/sleep?ms=1").text == "slept")
        #expect(shop.workers("sleep") == workers)
        #expect(try shop.metric("shopfn_requests_total", "function=\"sleep\"", "code=\"504\"") == 1)
        #expect(try shop.stop() == .code(0))
    }

    @Test(arguments: ["BusyLoop", "IgnoreCancellation", "BlockForever"])
    func aHandlerThatDoesNotYieldLosesItsWorker(handler: String) throws {
        let shop = try Shop(
            ProbeManifest(
                .init("stuck", handler, "GET /stuck", "timeout: 3s", "scale: { min: 1, max: 2, idle: 60s }"),
                .init("hello", "Hello", "GET /hello")
            )
        )
        try eventually("a worker is ready") { try shop.pool("stuck").ready == 1 }
        let stuck = shop.workers("stuck")
        #expect(stuck.count == 1)
        let begin = ContinuousClock.now
        let reply = try shop.get("/stuck?ms=600000")
        #expect(reply.status == 504 && ContinuousClock.now - begin < .seconds(60))
        #expect(try shop.get("/hello").status == 200)
        try eventually("the worker is gone", within: .seconds(60)) {
            try stuck.allSatisfy { !Processes.isAlive($0) } && shop.pool("stuck").abandoned == 0
        }
        #expect(try shop.metric("shopfn_worker_deaths_total", "function=\"stuck\"") == 1)
        try eventually("another worker is ready") { try shop.pool("stuck").ready == 1 }
        #expect(try shop.get("/stuck?ms=0").status == (handler == "BlockForever" ? 504 : 200))
        #expect(try shop.stop() == .code(0))
    }

    @Test func aDeadlineCountsFromTheArrival() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init(
                    "stuck",
                    "IgnoreCancellation",
                    "GET /stuck",
                    "timeout: 4s",
                    "concurrency: 1",
                    "scale: { min: 1, max: 1 }"
                )
            )
        )
        try eventually("a worker is ready") { try shop.pool("stuck").ready == 1 }
        async let first = shop.get("/stuck?ms=8000")
        try eventually("it runs") { try shop.pool("stuck").running == 1 }
        let second = try shop.get("/stuck?ms=1")
        #expect(second.status == 504 && second.detail.contains("No worker had room"))
        #expect(try await first.detail == "The function did not answer within its timeout of 4s.")
        // What a handler cannot log, as it is cut short.
        try eventually("the log says so") {
            let line = shop.process.errorText.split(separator: "\n").first {
                $0.contains("The function did not answer within its timeout of 4s")
            }
            return line?.contains("function=stuck") == true && line?.contains("requestId=") == true
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func aWorkerBeyondItsMemoryIsEndedAndTheReasonSaid() throws {
        let shop = try Shop(
            ProbeManifest(
                .init("greedy", "AllocateMemory", "GET /greedy", "memory: 64Mi", "retry: never"),
                .init("hello", "Hello", "GET /hello")
            )
        )
        #expect(try shop.get("/greedy?mib=8").text == "\(8 << 20)")
        let reply = try shop.get("/greedy?mib=200&ms=5000")
        #expect(reply.status == 502 && reply.problem == "worker-died")
        #expect(reply.detail.contains("64 MiB of memory"), "\(reply)")
        #expect(try shop.metric("shopfn_worker_deaths_total", "function=\"greedy\"", "cause=\"memory\"") == 1)
        // Far beyond, the system's own limit is met first; it is told alike.
        let far = try shop.get("/greedy?mib=4000")
        #expect(far.status == 502 && far.detail.contains("64 MiB of memory"), "\(far)")
        #expect(try shop.metric("shopfn_worker_deaths_total", "function=\"greedy\"", "cause=\"memory\"") == 2)
        #expect(try shop.get("/greedy?mib=8").status == 200)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aCrashIsAnsweredOnceAndTriedAgainWhereThatIsSafe() throws {
        let shop = try Shop(
            ProbeManifest(
                .init("post", "Crash", "POST /crash"),
                .init("get", "Crash", "GET /crash"),
                .init("never", "Crash", "GET /never", "retry: never"),
                .init("hello", "Hello", "GET /hello")
            )
        )
        func deaths(_ name: String) throws -> Double? {
            try shop.metric("shopfn_worker_deaths_total", "function=\"\(name)\"", "cause=\"signal\"")
        }
        func retries(_ name: String) throws -> Double? {
            try shop.metric("shopfn_retries_total", "function=\"\(name)\"")
        }
        let post = try shop.request("POST", "/crash", body: [1])
        #expect(post.status == 502 && post.problem == "worker-died" && post.detail.contains("signal"), "\(post)")
        #expect(try deaths("post") == 1)
        #expect(try retries("post") == 0)
        #expect(try shop.get("/crash").status == 502)
        #expect(try deaths("get") == 2)
        #expect(try retries("get") == 1)
        #expect(try shop.get("/never").status == 502)
        #expect(try deaths("never") == 1)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aKilledWorkersRequestsGoToAnotherOneWhereThatIsSafe() async throws {
        let shop = try Shop(
            ProbeManifest(.init("get", "Sleep", "GET /sleep"), .init("post", "Sleep", "POST /sleep"))
        )
        async let get = shop.get("/sleep?ms=4000")
        async let post = shop.request("POST", "/sleep?ms=4000", body: [1])
        async let keyed = shop.request("POST", "/sleep?ms=4000", ["Idempotency-Key: a"], body: [1])
        try eventually("all run") { try shop.pool("get").running == 1 && shop.pool("post").running == 2 }
        for pid in shop.workers() { kill(pid, SIGKILL) }
        #expect(try await get.text == "slept")
        #expect(try await post.status == 502)
        #expect(try await keyed.text == "slept")
        #expect(try shop.metric("shopfn_retries_total", "function=\"get\"") == 1)
        #expect(try shop.metric("shopfn_retries_total", "function=\"post\"") == 1)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aFunctionThatCannotStartSaysWhyAndDisturbsNobody() throws {
        let shop = try Shop(
            ProbeManifest(
                .init("fail", "FailStart", "GET /fail"),
                .init("crash", "CrashAtStart", "GET /crash"),
                .init("hang", "HangAtStart", "GET /hang", "timeout: 500ms"),
                .init("hello", "Hello", "GET /hello")
            )
        )
        let fail = try shop.get("/fail")
        #expect(fail.status == 503 && fail.problem == "cannot-start", "\(fail)")
        #expect(fail.detail.contains("A_VARIABLE_NOBODY_SETS"))
        #expect(fail["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
        let again = try shop.get("/fail")
        #expect(again.status == 503 && again.detail.contains("A_VARIABLE_NOBODY_SETS"))
        let crash = try shop.get("/crash")
        #expect(crash.status == 503 && crash.problem == "cannot-start" && crash.detail.contains("signal"), "\(crash)")
        let hang = try shop.get("/hang")
        #expect(hang.status == 504)
        #expect(hang.detail == "No worker of this function became ready within its timeout of 500ms.")
        let hanging = try shop.pool("hang")
        #expect(hanging.ready == 0 && hanging.workers == hanging.starting + hanging.leaving, "\(hanging)")
        let explanation = try shop.admin("/api/pools/hang").json
        #expect(explanation["now"]?["ready"]?.intValue == 0)
        // It may take ten seconds; on a slow machine they are over.
        #expect(explanation["now"]?["starting"]?.intValue == 1 || explanation["failure"]?.stringValue != nil)
        // Whoever looks at the pools is told as well, until a worker can be started again.
        let table = try Commands(ProbeManifest())("pools", "--admin", "\(shop.adminPort)")
        let row = try #require(table.text.split(separator: "\n").first { $0.hasPrefix("fail ") })
        #expect(row.contains("no worker can be started: ") && row.contains("A_VARIABLE_NOBODY_SETS"), "\(row)")
        let explained = try Commands(ProbeManifest())("explain", "fail", "--admin", "\(shop.adminPort)")
        #expect(explained.text.contains("  failing   ") && explained.text.contains("A_VARIABLE_NOBODY_SETS"))
        for _ in 0..<20 { #expect(try shop.get("/hello").status == 200) }
        #expect(try shop.metric("shopfn_failed_starts_total", "function=\"fail\"") ?? 0 >= 1)
        // It is tried again after a while, not at every request.
        for _ in 0..<50 { #expect(try shop.get("/fail").status == 503) }
        #expect(try shop.metric("shopfn_failed_starts_total", "function=\"fail\"") ?? 0 < 25)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aFullQueueRefusesAtOnce() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init("sleep", "Sleep", "GET /sleep", "concurrency: 1", "queue: 2", "scale: { min: 1, max: 1 }")
            )
        )
        async let first = shop.get("/sleep?ms=6000")
        try eventually("one runs") { try shop.pool("sleep").running == 1 }
        async let second = shop.get("/sleep?ms=1")
        async let third = shop.get("/sleep?ms=1")
        try eventually("two wait") { try shop.pool("sleep").queued == 2 }
        let refused = try shop.get("/sleep?ms=1")
        #expect(refused.status == 503 && refused.problem == "queue-full" && refused["retry-after"] == "1")
        #expect(try shop.pool("sleep").running == 1)
        #expect(try await [first, second, third].map(\.status) == [200, 200, 200])
        #expect(try shop.stop() == .code(0))
    }

    @Test func whoWaitsIsServedInTheOrderOfArrival() throws {
        let shop = try Shop(
            ProbeManifest(.init("count", "Count", "GET /count", "concurrency: 1", "scale: { min: 0, max: 1 }"))
        )
        // One at a time each takes its place in the queue while the worker starts, and the worker counts.
        let connections = try (0..<20).map { _ in try shop.connect() }
        for (index, connection) in connections.enumerated() {
            connection.send(Shop.bytes("GET", "/count"))
            try eventually("number \(index) arrived") { try shop.pool("count").arrivals == index + 1 }
        }
        for (index, connection) in connections.enumerated() {
            #expect(try connection.reply().text == "\(index + 1)")
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func aWorkerIsToldWhenItsClientIsGone() throws {
        let shop = try Shop(
            ProbeManifest(
                .init("sleep", "Sleep", "GET /sleep", "timeout: 60s"),
                .init("stream", "StreamForever", "GET /stream", "timeout: 60s")
            )
        )
        for path in ["sleep", "stream"] {
            let connection = try shop.connect()
            connection.send(Shop.bytes("GET", "/\(path)?ms=60000"))
            try eventually("\(path) runs") { try shop.pool(path).running == 1 }
            let workers = shop.workers(path)
            connection.reset()
            try eventually("\(path) is cancelled") {
                let pool = try shop.pool(path)
                return pool.running == 0 && pool.abandoned == 0
            }
            #expect(shop.workers(path) == workers)
            #expect(try shop.metric("shopfn_requests_total", "function=\"\(path)\"", "code=\"499\"") == 1)
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func aClientThatGoesAwayFromTheQueueTakesNoSlot() throws {
        let shop = try Shop(
            ProbeManifest(.init("sleep", "Sleep", "GET /sleep", "concurrency: 1", "scale: { min: 1, max: 1 }"))
        )
        let first = try shop.connect()
        first.send(Shop.bytes("GET", "/sleep?ms=4000"))
        try eventually("one runs") { try shop.pool("sleep").running == 1 }
        let waiting = try (0..<5).map { _ in try shop.connect() }
        for connection in waiting { connection.send(Shop.bytes("GET", "/sleep?ms=4000")) }
        try eventually("five wait") { try shop.pool("sleep").queued == 5 }
        for connection in waiting { connection.reset() }
        try eventually("nobody waits") { try shop.pool("sleep").queued == 0 }
        #expect(try first.reply().status == 200)
        #expect(try shop.get("/sleep?ms=1").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aStreamThatBreaksOffIsSeenToBeCut() throws {
        let shop = try Shop(ProbeManifest(.init("broken", "StreamThenThrow", "GET /broken")))
        let connection = try shop.connect()
        connection.send(Shop.bytes("GET", "/broken"))
        #expect(throws: Connection.Ended.self) { try connection.reply() }
        try eventually("the slot is free") { try shop.pool("broken").running == 0 }
        #expect(try shop.stop() == .code(0))
    }
}
