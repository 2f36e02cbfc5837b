import Glibc
import JSON
import Testing

/// From no worker to some and back, and never more than allowed.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct ScalingTests {
    @Test func theFirstRequestIsAnsweredByAWorkerThatDidNotExist() throws {
        let shop = try Shop(ProbeManifest(.init("inspect", "Inspect", "GET /inspect")))
        #expect(try shop.pool("inspect").workers == 0)
        #expect(shop.workers().isEmpty)
        let reply = try shop.get("/inspect")
        #expect(reply.status == 200)
        let pid = try #require(try reply.json["pid"]?.intValue)
        #expect(shop.workers("inspect") == [pid_t(pid)])
        let pool = try shop.pool("inspect")
        #expect(pool.ready == 1 && pool.coldStarts == 1 && pool.arrivals == 1)
        #expect(try shop.metric("shopfn_cold_starts_total", "function=\"inspect\"") == 1)
        #expect(try shop.stop() == .code(0))
    }

    @Test func manyFirstRequestsAreAllAnswered() async throws {
        let shop = try Shop(ProbeManifest(.init("slow", "SlowStart", "GET /slow")))
        let statuses = await withTaskGroup { group in
            for _ in 0..<32 { group.addTask { (try? shop.get("/slow"))?.status } }
            return await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(statuses == [Int?](repeating: 200, count: 32))
        #expect(try shop.stop() == .code(0))
    }

    @Test func anIdlePoolGoesToZeroAndComesBack() throws {
        let shop = try Shop(
            ProbeManifest(.init("inspect", "Inspect", "GET /inspect", "scale: { min: 0, max: 2, idle: 300ms }"))
        )
        var pids: Set<Int> = []
        for _ in 0..<3 {
            pids.insert(try #require(try shop.get("/inspect").json["pid"]?.intValue))
            try eventually("no worker is left", state: (try? "\(shop.pool("inspect"))") ?? "") {
                try shop.pool("inspect").workers == 0 && shop.workers().isEmpty
            }
        }
        #expect(pids.count == 3)
        let pool = try shop.pool("inspect")
        #expect(pool.coldStarts == 3 && pool.wanted == 0 && !pool.reason.isEmpty)
        // Those who leave in order are no deaths.
        #expect(try shop.metric("shopfn_worker_deaths_total", "function=\"inspect\"") == nil)
        #expect(try shop.stop() == .code(0))
    }

    @Test func theMinimumIsKeptWarmWhateverHappensToIt() throws {
        let shop = try Shop(
            ProbeManifest(.init("inspect", "Inspect", "GET /inspect", "scale: { min: 2, max: 4, idle: 200ms }"))
        )
        try eventually("two workers are ready") { try shop.pool("inspect").ready == 2 }
        let first = Set(shop.workers("inspect"))
        #expect(first.count == 2)
        for pid in first { kill(pid, SIGKILL) }
        try eventually("two others are ready") {
            let workers = Set(shop.workers("inspect"))
            return try workers.count == 2 && workers.isDisjoint(with: first) && shop.pool("inspect").ready == 2
        }
        #expect(try shop.get("/inspect").status == 200)
        #expect(try shop.pool("inspect").coldStarts == 0)
        #expect(try shop.stop() == .code(0))
    }

    @Test func theQueueGetsItsWorkersInOneStep() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init("sleep", "Sleep", "GET /sleep", "concurrency: 1", "scale: { min: 0, max: 8, idle: 60s }")
            )
        )
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { _ = try? shop.get("/sleep?ms=20000") } }
            group.addTask {
                // Before any of them is done: not one waits for another.
                #expect(throws: Never.self) {
                    try eventually("all eight run at once", within: .seconds(18)) {
                        try shop.pool("sleep").running == 8
                    }
                }
            }
        }
        #expect(shop.workers("sleep").count == 8)
        #expect(try shop.stop() == .code(0))
    }

    @Test func theMaximumIsNeverExceeded() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init("sleep", "Sleep", "GET /sleep", "concurrency: 2", "scale: { min: 0, max: 3, idle: 100ms }")
            )
        )
        let load = Load(port: shop.port, connections: 24)
        async let result = load.run { .init("GET", "/sleep?ms=\(5 + $0 % 20)") }
        var most = 0
        var looks = 0
        let begin = ContinuousClock.now
        while ContinuousClock.now < begin + .seconds(3) || (most < 3 || looks <= 10) && .now < begin + .seconds(60) {
            let pool = try shop.pool("sleep")
            // None leaves under this load, so every process counts.
            most = max(most, shop.workers("sleep").count)
            #expect(pool.wanted <= 3 && pool.running <= 6)
            looks += 1
        }
        load.stop()
        let done = await result
        #expect(most == 3 && looks > 10, "\(most) workers in \(looks) looks")
        #expect(done.failures.isEmpty && done.statuses.keys.elementsEqual([200]))
        #expect(try shop.stop() == .code(0))
    }
}
