import Glibc
import Synchronization
import Testing

/// What becomes of functions that need Valkey while it is gone.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct ValkeyLossTests {
    private static let clients = 32

    /// What each client saw, by its number.
    private final class Seen: Sendable {
        struct State {
            var last = [Int](repeating: 0, count: ValkeyLossTests.clients)
            var unavailable = 0
        }

        let state = Mutex(State())

        /// Why an answer is not what the client asked for.
        func check(_ client: Int, _ reply: Reply) -> String? {
            if reply.status == 503 {
                state.withLock { $0.unavailable += 1 }
                return reply.problem == "state-unavailable" && reply["retry-after"] == "1" ? nil : "\(reply)"
            }
            let words = reply.text.split(separator: " ")
            guard reply.status == 200, words.count == 3, let counted = Int(words[1]), let read = Int(words[2]) else {
                return "\(reply)"
            }
            return state.withLock { state in
                // Alone with its key, a client sees it grow, and at each moment the same number twice. A lost
                // connection may hide that one was added.
                defer { state.last[client] = counted }
                return words[0] == "key-\(client)" && counted == read && counted > state.last[client]
                    ? nil : "client \(client) after \(state.last[client]): \(reply.text)"
            }
        }
    }

    @Test func functionsSayThatItIsGoneAndRecoverByThemselves() async throws {
        let valkey = try ValkeyServer()
        let shop = try Shop(
            ProbeManifest(
                .init("remember", "Remember", "GET /remember/{key}", "retry: never"),
                .init("hello", "Hello", "GET /hello")
            ),
            state: .at(valkey.url)
        )
        let seen = Seen()
        // One load for each client, so that nobody else uses its key.
        let loads = (0..<Self.clients).map { _ in Load(port: shop.port, connections: 1) }
        try await withThrowingTaskGroup { group in
            for (client, load) in loads.enumerated() {
                group.addTask {
                    let done = await load.run { _, reply in
                        seen.check(client, reply)
                    } _: { _ in
                        .init("GET", "/remember/key-\(client)")
                    }
                    #expect(done.failed == 0 && done.resent == 0, "\(done.failures)")
                }
            }
            group.addTask {
                defer { for load in loads { load.stop() } }
                for _ in 0..<3 {
                    try eventually("all goes well") { seen.state.withLock { $0.last }.allSatisfy { $0 > 0 } }
                    try valkey.kill()
                    let before = seen.state.withLock { $0.unavailable }
                    try eventually("many are told") { seen.state.withLock { $0.unavailable } > before + 100 }
                    #expect(try shop.get("/hello").status == 200)
                    try valkey.start()
                    let answered = loads.map(\.answered)
                    try eventually("it recovers", within: .seconds(60)) {
                        try shop.get("/remember/other").status == 200
                    }
                    try eventually("everybody goes on", within: .seconds(60)) {
                        zip(loads, answered).allSatisfy { $0.answered > $1 + 1 }
                    }
                    let known = seen.state.withLock { $0.last }
                    try eventually("everybody's count goes on", within: .seconds(60)) {
                        zip(seen.state.withLock { $0.last }, known).allSatisfy { $0 > $1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(seen.state.withLock { $0.unavailable } > 300)
        #expect(try shop.stop() == .code(0))
    }

    @Test func aPrivateOneThatIsKilledIsStartedAgain() throws {
        let shop = try Shop(ProbeManifest(.init("remember", "Remember", "GET /remember/{key}")), state: .ofItsOwn)
        #expect(try shop.get("/remember/a").text == "a 1 1")
        let server = try #require(
            Processes.all().first { $0.parent == shop.process.pid && !$0.name.hasSuffix("-template") }
        )
        // What was written reaches the disk within a second.
        kill(server.pid, SIGKILL)
        try eventually("it is there again") { try shop.get("/remember/b").status == 200 }
        #expect(try shop.get("/remember/b").text.hasPrefix("b "))
        #expect(try shop.stop() == .code(0))
        #expect(!Processes.isAlive(server.pid))
    }

    @Test func itsDataStaysFromOneRunToTheNext() throws {
        let folder = try TemporaryFolder()
        let manifest = ProbeManifest(.init("remember", "Remember", "GET /remember/{key}"))
        for run in 1...2 {
            let shop = try Shop(manifest, ["--state", folder("valkey")], state: .asTold)
            #expect(try shop.get("/remember/a").text == "a \(run) \(run)")
            #expect(try shop.stop() == .code(0))
        }
    }
}
