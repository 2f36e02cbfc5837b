import Glibc
import JSON
import Testing

/// From no worker to one and back, and never more than allowed.
@Suite(.blocking, .timeLimit(.minutes(2)))
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
}
