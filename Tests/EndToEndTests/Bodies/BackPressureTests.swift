import Glibc
import Testing

/// Bodies larger than what anybody holds.
@Suite(.alone, .timeLimit(.minutes(15)))
struct BackPressureTests {
    /// What a process may hold beyond what it held before, in KiB: windows, sockets' buffers, allocators' leftovers.
    private static let room = 24 << 10

    private let manifest = ProbeManifest(
        .init("forever", "StreamForever", "GET /forever", "timeout: 60s"),
        .init("out", "StreamOut", "GET /out", "timeout: 60s"),
        .init("big", "BigResponse", "GET /big", "timeout: 60s"),
        .init("echo", "Echo", "POST /echo", "timeout: 60s", "maxBody: 1Gi"),
        .init("sleep", "Sleep", "POST /sleep", "timeout: 60s", "maxBody: 1Gi"),
        .init("never", "NeverReadBody", "POST /never", "timeout: 60s", "maxBody: 1Gi")
    )

    /// What the gateway and the workers of a function hold, in KiB.
    private func held(_ shop: Shop, _ function: String) -> (gateway: Int, workers: Int) {
        (
            Processes.anonymousKiB(shop.process.pid),
            shop.workers(function).map { Processes.anonymousKiB($0) }.reduce(0, +)
        )
    }

    @Test func aSlowReaderHoldsBackItsStream() throws {
        let shop = try Shop(manifest)
        let connection = try Connection(port: shop.port, receiveBuffer: 64 << 10)
        connection.send(Shop.bytes("GET", "/forever"))
        #expect(!connection.receive(1_000).isEmpty)
        let before = held(shop, "forever")
        // A megabyte a second, from a source that could give hundreds.
        for _ in 0..<200 {
            #expect(!connection.receive(10_000).isEmpty)
            usleep(10_000)
        }
        let after = held(shop, "forever")
        #expect(after.gateway - before.gateway < Self.room, "gateway \(before.gateway) to \(after.gateway) KiB")
        #expect(after.workers - before.workers < Self.room, "worker \(before.workers) to \(after.workers) KiB")
        connection.reset()
        try eventually("it is cancelled") { try shop.pool("forever").running == 0 }
        #expect(try shop.stop() == .code(0))
    }

    @Test func aBodyThatNobodyReadsIsNotTaken() throws {
        let shop = try Shop(manifest)
        let connection = try shop.connect()
        connection.send("POST /sleep?ms=30000 HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 30)\r\n\r\n")
        connection.send([UInt8](repeating: 97, count: 100_000))
        try eventually("it runs") { try shop.pool("sleep").running == 1 }
        let before = held(shop, "sleep")
        let taken = connection.fill(upTo: 256 << 20, pause: .milliseconds(500))
        let after = held(shop, "sleep")
        // The windows, and what the kernel keeps for both sockets.
        #expect(taken < 32 << 20)
        connection.reset()
        try eventually("it is cancelled") { try shop.pool("sleep").running == 0 }
        #expect(after.gateway - before.gateway < Self.room, "gateway \(before.gateway) to \(after.gateway) KiB")
        #expect(after.workers - before.workers < Self.room, "worker \(before.workers) to \(after.workers) KiB")
        #expect(try shop.stop() == .code(0))
    }

    @Test func aBodyThatIsNotWantedDoesNotHideTheAnswer() throws {
        let shop = try Shop(manifest)
        #expect(try shop.request("POST", "/never", body: [1]).text == "no need")
        let before = held(shop, "never")
        let connection = try shop.connect()
        connection.send("POST /never HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 30)\r\n\r\n")
        _ = connection.fill(upTo: 64 << 20, pause: .milliseconds(500))
        let reply = try connection.reply()
        #expect(reply.text == "no need" && !reply.keepsAlive)
        let after = held(shop, "never")
        #expect(after.gateway - before.gateway < Self.room, "gateway \(before.gateway) to \(after.gateway) KiB")
        #expect(after.workers - before.workers < Self.room, "worker \(before.workers) to \(after.workers) KiB")
        #expect(try shop.stop() == .code(0))
    }

    @Test func aLargeBodyGoesThroughAndBackWhole() async throws {
        let shop = try Shop(manifest)
        let size = 48 << 20
        let body = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for index in 0..<size { buffer[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 13) }
            count = size
        }
        #expect(try shop.request("POST", "/echo", body: [1]).body == [1])
        let before = held(shop, "echo")
        let connection = Passed(try shop.connect())
        let head = Shop.bytes("POST", "/echo", ["Content-Length: \(size)"])
        async let sent = Self.send(head + body, on: connection)
        let reply = try connection.value.reply(within: .seconds(60))
        let after = held(shop, "echo")
        #expect(await sent)
        #expect(reply.status == 200 && reply.body == body)
        #expect(after.gateway - before.gateway < Self.room, "gateway \(before.gateway) to \(after.gateway) KiB")
        #expect(after.workers - before.workers < Self.room, "worker \(before.workers) to \(after.workers) KiB")
        #expect(try shop.stop() == .code(0))
    }

    /// A connection used by two threads, one of which only sends and the other only receives.
    private final class Passed: @unchecked Sendable {
        // Sending touches nothing but the descriptor, which does not change.
        let value: Connection
        init(_ value: Connection) { self.value = value }
    }

    @concurrent
    private static func send(_ bytes: [UInt8], on connection: Passed) async -> Bool {
        connection.value.send(bytes, within: .seconds(60))
    }

    @Test func anEchoNobodyListensToStopsItsSender() throws {
        let shop = try Shop(manifest)
        let connection = try Connection(port: shop.port, receiveBuffer: 64 << 10)
        connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 30)\r\n\r\n")
        let taken = connection.fill(upTo: 256 << 20, pause: .milliseconds(500))
        #expect(taken < 64 << 20)
        let held = held(shop, "echo")
        connection.reset()
        try eventually("it is cancelled") { try shop.pool("echo").running == 0 }
        #expect(held.gateway < 100 << 10 && held.workers < 64 << 10, "\(held)")
        #expect(try shop.stop() == .code(0))
    }

    @Test func aResponseThatComesWholeIsSentWhole() throws {
        let shop = try Shop(manifest)
        let expected = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 / 1_000) }[...]
        for size in [0, 1, 65_535, 65_536, 262_144, 262_145, 1 << 20, 2_000_000] {
            let reply = try shop.get("/big?size=\(size)")
            #expect(reply.status == 200 && reply.body[...] == expected[..<size])
        }
        let stream = try shop.get("/out?count=300&size=7000")
        #expect(stream.body.count == 2_100_000)
        #expect(try shop.stop() == .code(0))
    }
}
