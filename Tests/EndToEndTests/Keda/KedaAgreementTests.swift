import Glibc
import JSON
import Testing

/// Replicas of the scaler with real gateways between them, asked as KEDA asks: whichever is, the answer is the same.
@Suite(.blocking, .timeLimit(.minutes(15)), .enabled(if: KedaClient.python != nil, KedaClient.comment))
struct KedaAgreementTests {
    private static let manifest = ProbeManifest(
        .init(
            "learning",
            "Hello",
            "GET /learning",
            "concurrency: 1",
            "timeout: 280s",
            "scale: { max: 8, idle: 2s, policy: adaptive }"
        ),
        .init(
            "kept",
            "Hello",
            "GET /kept",
            "concurrency: 1",
            "timeout: 280s",
            "scale: { max: 8, idle: 1h, policy: fixed }"
        )
    )
    private static let addresses = ["127.0.0.1", "127.0.0.2"]

    @Test func replicasThatLearnAnswerAlike() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateways = try Self.addresses.map { try shop.gateway($0) }
        let keda = try KedaClient()
        let first = try Scaler(shop, Self.addresses)
        let second = try Scaler(shop, Self.addresses)
        try agree(on: 0, of: "learning", keda, first, second)
        _ = try keda.call("open", first.about("learning", [("stream", "a")]))
        _ = try keda.call("open", second.about("learning", [("stream", "b")]))
        #expect(try keda.next("a")["result"] == .bool(false))
        #expect(try keda.next("b")["result"] == .bool(false))

        // Requests wait at both gateways, as there is no worker.
        var waiting = try gateways.flatMap { try [hold("/learning", at: $0), hold("/learning", at: $0)] }
        try agree(on: 4, of: "learning", keda, first, second)
        try keda.hears(true, on: "a")
        try keda.hears(true, on: "b")
        #expect(try first.pool("learning")["policy"]?.stringValue == "adaptive")
        try eventually("they hear of each other", within: .seconds(60)) {
            try first.pool("learning")["others"]?.intValue == 4 && second.pool("learning")["others"]?.intValue == 4
        }
        waiting.append(try hold("/learning", at: gateways[1]))
        try agree(on: 5, of: "learning", keda, first, second)

        // It goes: both let the workers go, and say so.
        for connection in waiting { connection.hangUp() }
        try agree(on: 0, of: "learning", keda, first, second)
        try keda.hears(false, on: "a")
        try keda.hears(false, on: "b")

        // One is killed, the other goes on; one that begins amid it agrees.
        first.process.signal(SIGKILL)
        waiting = [try hold("/learning", at: gateways[0])]
        try agree(on: 1, of: "learning", keda, second)
        let third = try Scaler(shop, Self.addresses)
        waiting.append(try hold("/learning", at: gateways[0]))
        try agree(on: 2, of: "learning", keda, second, third)
        for connection in waiting { connection.hangUp() }
        try agree(on: 0, of: "learning", keda, second, third)
        for scaler in [second, third] {
            scaler.process.signal(SIGTERM)
            #expect(try scaler.process.end(within: .seconds(60)) == .code(0))
        }
        for gateway in gateways { #expect(try gateway.stop() == .code(0)) }
    }

    /// What a replica that has just begun cannot know it says all the same, from the others.
    @Test func oneThatHasJustBegunSaysWhatTheOthersKnow() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateways = try Self.addresses.map { try shop.gateway($0) }
        let keda = try KedaClient()
        let old = try Scaler(shop, Self.addresses)
        try agree(on: 0, of: "kept", keda, old)
        let waiting = try gateways.flatMap { try [hold("/kept", at: $0), hold("/kept", at: $0)] }
        try agree(on: 4, of: "kept", keda, old)
        for connection in waiting.dropFirst() { connection.hangUp() }
        try eventually("the scaler hears of it", within: .seconds(60)) {
            try old.pool("kept")["inFlight"]?.intValue == 1
        }
        // They are kept for an hour after they were needed; who comes now sees that one is.
        let new = try Scaler(shop, Self.addresses)
        try agree(on: 4, of: "kept", keda, old, new)
        #expect(try new.pool("kept")["own"]?.intValue == 1)
        #expect(
            try new.pool("kept")["reason"]?.stringValue == "another replica of the scaler finds so many needed"
        )
        #expect(try old.pool("kept")["own"]?.intValue == 4)
        #expect(try old.pool("kept")["others"]?.intValue == 1)
        // The gateways show what all agree on, whoever told them last.
        try eventually("the gateway knows", within: .seconds(60)) { try gateways[0].count("wanted", of: "kept") == 4 }

        // What it alone knew ends with it.
        old.process.signal(SIGKILL)
        try agree(on: 1, of: "kept", keda, new)
        #expect(try new.pool("kept")["others"] == .null)
        waiting[0].hangUp()
        for gateway in gateways { #expect(try gateway.stop() == .code(0)) }
    }

    // MARK: Asking

    /// A request that waits at a gateway until it is closed.
    private func hold(_ path: String, at gateway: RemoteGateway) throws -> Connection {
        let connection = try gateway.connect()
        connection.send(Shop.bytes("GET", path, []))
        return connection
    }

    /// Waits until each replica tells KEDA so, of workers and of activity.
    private func agree(on wanted: Int, of function: String, _ keda: KedaClient, _ scalers: Scaler...) throws {
        var answers: [JSONValue] = []
        try eventually("all say \(wanted)", within: .seconds(120), state: "\(answers)") {
            answers = try scalers.flatMap { scaler in
                [
                    try keda.call("GetMetrics", scaler.about(function, [("metric", "")])),
                    try keda.call("IsActive", scaler.about(function)),
                ]
            }
            return answers.enumerated().allSatisfy { index, answer in
                index % 2 == 0
                    ? answer["values"]?.arrayValue?.first?["value"]?.intValue == wanted
                    : answer["result"] == .bool(wanted > 0)
            }
        }
    }
}
