import Testing
import Valkey
import ValkeyTestSupport

@Suite(
    "With a real cluster",
    .enabled(if: !ServerProcess.executables.isEmpty, ServerProcess.missing),
    .serialized
)
struct ClusterTests {
    private func withCluster(
        replicas: Int = 0,
        _ body: (ValkeyClient, ValkeyCluster) async throws -> Void
    ) async throws {
        let cluster = try await ValkeyCluster(replicas: replicas)
        let configuration = ValkeyConfiguration(timeout: .seconds(30), connectionPatience: .seconds(20))
        let client = try ValkeyClient(cluster.url, configuration: configuration)
        do {
            try await body(client, cluster)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    /// A key that a master has.
    private func key(of node: ValkeyCluster.Node, in cluster: ValkeyCluster, _ start: String = "k") -> String {
        (0...).lazy.map { "\(start)\($0)" }.first { cluster.owner(of: $0) == node } ?? start
    }

    @Test("commands, pipelines, transactions and scripts find their nodes")
    func everyNode() async throws {
        try await withCluster { client, cluster in
            let keys = (0..<200).map { "key-\($0)" }
            #expect(Set(keys.map { cluster.owner(of: $0) }).count == 3)
            for key in keys { _ = try await client.set(key, "of \(key)") }
            let replies = try await client.pipeline(keys.map { ValkeyCommand("GET", $0) })
            #expect(replies.map(\.string) == keys.map { "of \($0)" })
            let results = try await client.transaction([
                ValkeyCommand("SET", "{t}a", 1), ValkeyCommand("INCR", "{t}a"), ValkeyCommand("GET", "{t}a"),
            ])
            #expect(results == [.status("OK"), .integer(2), .bytes([0x32])])
            // Each node learns the script by itself, and knows it then.
            let script = ValkeyScript("return redis.call('GET', KEYS[1]) .. ARGV[1]")
            for _ in 0..<2 {
                for key in keys.prefix(20) {
                    #expect(
                        try await client.eval(script, keys: [key], arguments: ["!"], as: String.self) == "of \(key)!"
                    )
                }
            }
            var found: Set<String> = []
            try await client.forEachKey(match: "key-*", count: 10) { found.insert(String(decoding: $0, as: UTF8.self)) }
            #expect(found == Set(keys))
            #expect(try await client.onEveryNode(ValkeyCommand("DBSIZE")).reduce(0) { $0 + ($1.int ?? 0) } == 201)
            await #expect(throws: ValkeyError.self) { try await client.send(ValkeyCommand("MGET", keys[0], keys[1])) }
            await #expect(throws: ValkeyError.self) {
                try await client.transaction([ValkeyCommand("GET", keys[0]), ValkeyCommand("GET", keys[1])])
            }
        }
    }

    @Test("many callers at once, over all nodes")
    func manyCallers() async throws {
        try await withCluster { client, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<64 {
                    group.addTask {
                        for round in 0..<50 {
                            let key = "c\(caller)-\(round % 7)"
                            _ = try await client.set(key, "\(round)")
                            #expect(try await client.get(key, as: String.self) == "\(round)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a moved slot is followed, also by a client that has not heard of it")
    func movedSlot() async throws {
        try await withCluster { client, cluster in
            let (source, target) = (cluster.masters[0], cluster.masters[2])
            let key = key(of: source, in: cluster)
            let slot = HashSlot(of: key)
            _ = try await client.set(key, "v")
            try await cluster.beginMove(of: slot, from: source, to: target)
            try await cluster.moveKeys(of: slot, from: source, to: target)
            try await cluster.endMove(of: slot, to: target)
            #expect(try await client.get(key, as: String.self) == "v")
            let script = ValkeyScript("return redis.call('GET', KEYS[1])")
            #expect(try await client.eval(script, keys: [key], as: String.self) == "v")
            // In a pipeline only the turned away ones are sent again, and the order stays.
            let other = self.key(of: source, in: cluster, "other")
            let replies = try await client.pipeline([
                ValkeyCommand("APPEND", key, "1"), ValkeyCommand("APPEND", key, "2"), ValkeyCommand("SET", other, "o"),
                ValkeyCommand("GET", key),
            ])
            #expect(replies == [.integer(2), .integer(3), .status("OK"), .bytes(Array("v12".utf8))])
        }
    }

    @Test("a slot on its way is served on both sides, each key where it is")
    func movingSlot() async throws {
        try await withCluster { client, cluster in
            let (source, target) = (cluster.masters[0], cluster.masters[1])
            let tag = key(of: source, in: cluster)
            let slot = HashSlot(of: tag)
            let (moved, stays) = ("{\(tag)}moved", "{\(tag)}stays")
            _ = try await client.set(moved, "1")
            _ = try await client.set(stays, "1")
            try await cluster.beginMove(of: slot, from: source, to: target)
            try await cluster.moveKeys(of: slot, from: source, to: target, only: [moved])
            // ASK: one command, a pipeline, a transaction, a script, and a key that does not exist yet.
            #expect(try await client.get(moved, as: String.self) == "1")
            #expect(try await client.get(stays, as: String.self) == "1")
            let both = try await client.pipeline([ValkeyCommand("INCR", moved), ValkeyCommand("INCR", stays)])
            #expect(both == [.integer(2), .integer(2)])
            #expect(
                try await client.transaction([ValkeyCommand("INCR", moved), ValkeyCommand("INCR", moved)]) == [
                    .integer(3), .integer(4),
                ]
            )
            let script = ValkeyScript("return redis.call('INCRBY', KEYS[1], 10)")
            #expect(try await client.eval(script, keys: [moved], as: Int.self) == 14)
            #expect(try await client.set("{\(tag)}new", "n"))
            // TRYAGAIN: it waits until both keys are on one side.
            async let sum = client.eval(
                ValkeyScript("return redis.call('GET', KEYS[1]) + redis.call('GET', KEYS[2])"),
                keys: [moved, stays],
                as: Int.self
            )
            try await Task.sleep(for: .milliseconds(100))
            try await cluster.moveKeys(of: slot, from: source, to: target)
            try await cluster.endMove(of: slot, to: target)
            #expect(try await sum == 16)
            #expect(try await client.get("{\(tag)}new", as: String.self) == "n")
        }
    }

    @Test("a master that dies is followed to its replica")
    func failover() async throws {
        try await withCluster(replicas: 1) { client, cluster in
            let key = key(of: cluster.masters[0], in: cluster)
            _ = try await client.set(key, "v")
            // The replica has it before the master dies.
            while try await cluster.ask(cluster.replicas[0], "DBSIZE").int != 1 {
                try await Task.sleep(for: .milliseconds(10))
            }
            cluster.crash(cluster.masters[0])
            // What was under way may fail; then it goes on, within the time that the cluster needs to notice.
            let end = ContinuousClock.now + .seconds(120)
            var value: String?
            while value == nil, ContinuousClock.now < end { value = try? await client.get(key, as: String.self) }
            #expect(value == "v")
            #expect(try await client.set(key, "w"))
            #expect(try await client.get(key, as: String.self) == "w")
        }
    }

    @Test("what is no cluster, and who is not let in, is said")
    func refusals() async throws {
        let cluster = try await ValkeyCluster()
        let single = try ValkeyClient("valkey://127.0.0.1:\(cluster.masters[0].port)")
        let key = key(of: cluster.masters[1], in: cluster)
        await #expect {
            _ = try await single.get(key)
        } throws: { error in
            "\(error)".contains("add ?cluster=true to its URL")
        }
        await single.close()
        let stranger = try ValkeyClient(cluster.url.replacing("://", with: "://nobody:wrong@"))
        await #expect {
            try await stranger.ping()
        } throws: { error in
            guard case ValkeyError.rejected = error else { return false }
            return true
        }
        await stranger.close()
        cluster.crash(cluster.masters[0])
        let other = try ValkeyClient(cluster.url)
        let found = try await other.send(ValkeyCommand("CLUSTER", "MYID")).string
        #expect(cluster.masters.dropFirst().contains { $0.id == found })
        await other.close()
        for master in cluster.masters { cluster.crash(master) }
        let late = try ValkeyClient(
            cluster.url,
            configuration: ValkeyConfiguration(connectionPatience: .milliseconds(200))
        )
        await #expect {
            try await late.ping()
        } throws: { error in
            guard case ValkeyError.unreachable = error else { return false }
            return true
        }
        await late.close()
        await #expect(throws: ValkeyError.closed) { try await late.ping() }
    }
}
