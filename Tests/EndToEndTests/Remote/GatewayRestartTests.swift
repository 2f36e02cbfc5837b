import Glibc
import Testing

/// Gateways that are replaced one after another, under load.
@Suite(.alone, .timeLimit(.minutes(10)))
struct GatewayRestartTests {
    @Test func aRollingRestartFailsNoRequest() async throws {
        let shop = try RemoteShop(ProbeManifest(.init("sleep", "Sleep", "GET /sleep", "timeout: 10s")))
        let addresses = ["127.0.0.2", "127.0.0.3"]
        var gateways = try addresses.map { try shop.gateway($0) }
        let workers = try (0..<2).map {
            try shop.worker("sleep", handler: "Sleep", gateways: addresses, name: "w\($0)")
        }
        for gateway in gateways {
            try eventually("workers are there", within: .seconds(60)) { try gateway.count("ready", of: "sleep") == 2 }
        }
        let clients = RetryingClients()
        async let load = clients.run(
            clients: 12,
            path: "/sleep?ms=10",
            targets: addresses.map { ($0, shop.httpPort) }
        )
        try eventually("load is on") { clients.answered > 100 }
        for _ in 0..<2 {
            for index in gateways.indices {
                #expect(try gateways[index].stop() == .code(0))
                gateways[index] = try shop.gateway(addresses[index])
                try eventually("workers are back", within: .seconds(60)) {
                    try gateways[index].count("ready", of: "sleep") == 2
                }
                let before = clients.answered
                try eventually("requests go on") { clients.answered > before + 50 }
            }
        }
        clients.stop()
        let result = await load
        #expect(result.failures.isEmpty, "\(result.failures.prefix(5))")
        // What was waited for above.
        #expect(result.answered > 300)
        for worker in workers {
            #expect(worker.isRunning)
            worker.signal(SIGTERM)
            #expect(try worker.end(within: .seconds(60)) == .code(0))
        }
    }

    @Test func afterATermSignalRequestsAreTakenForTheDelay() throws {
        let shop = try RemoteShop(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        let gateway = try shop.gateway("127.0.0.1", ["--shutdown-delay", "3"])
        let worker = try shop.worker("hello", handler: "Hello", gateways: [gateway.address])
        try eventually("a worker is there", within: .seconds(60)) { try gateway.count("slots", of: "hello") > 0 }
        gateway.process.signal(SIGTERM)
        try eventually("it is not ready") { try gateway.admin("/readyz").status == 503 }
        #expect(try gateway.admin("/livez").status == 200)
        #expect(try gateway.get("/hello").text == "hello")
        #expect(try gateway.process.end(within: .seconds(60)) == .code(0))
        _ = worker
    }
}
