import Foundation
import Synchronization
package import Valkey

/// A cluster of a test's own, on loopback, that ends with the test.
package final class ValkeyCluster: Sendable {
    package struct Node: Hashable, Sendable {
        package let port: Int
        package let id: String
    }

    private let folder: URL
    private let processes = Mutex<[Int: Process]>([:])
    /// The masters at first; each has a third of the slots, more or less.
    package let masters: [Node]
    /// Replicas, the first of the first master and so on.
    package let replicas: [Node]

    /// The URL that leads to the cluster by its masters.
    package var url: String {
        "valkey://" + masters.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") + "?cluster=true"
    }

    private static func url(_ port: Int) -> String { "valkey://127.0.0.1:\(port)" }

    /// Starts a cluster.
    ///
    /// - Parameters:
    ///   - count: How many masters share the slots.
    ///   - replicaCount: How many of the masters have a replica.
    /// - Throws: ``ServerFailure`` when it does not start.
    package init(masters count: Int = 3, replicas replicaCount: Int = 0) async throws {
        let executable = try ServerExecutable.find()
        folder = try ServerExecutable.makeFolder()
        var nodes: [Node] = []
        for index in 0..<(count + replicaCount) {
            let (port, process) = try await Self.start(executable, in: folder.appendingPathComponent("\(index)"))
            processes.withLock { $0[port] = process }
            nodes.append(Node(port: port, id: try await Self.ask(port, "CLUSTER", "MYID").string ?? ""))
        }
        masters = Array(nodes.prefix(count))
        replicas = Array(nodes.dropFirst(count))
        for (index, node) in nodes.enumerated() {
            try await Self.ask(node.port, "CLUSTER", "SET-CONFIG-EPOCH", index + 1)
            guard index > 0 else { continue }
            try await Self.ask(node.port, "CLUSTER", "MEET", "127.0.0.1", nodes[0].port, Self.bus(nodes[0].port))
        }
        for (index, master) in masters.enumerated() {
            let slots = (index * 16_384 / count)...((index + 1) * 16_384 / count - 1)
            try await Self.ask(master.port, "CLUSTER", "ADDSLOTSRANGE", slots.lowerBound, slots.upperBound)
        }
        try await wait("all nodes know each other") {
            let lists = try await self.onEach("CLUSTER", "NODES")
            return lists.allSatisfy { list in nodes.allSatisfy { list.contains($0.id) } }
        }
        for (index, replica) in replicas.enumerated() {
            try await Self.ask(replica.port, "CLUSTER", "REPLICATE", masters[index].id)
        }
        try await wait("the cluster is whole") {
            try await self.onEach("CLUSTER", "INFO").allSatisfy { $0.contains("cluster_state:ok") }
        }
        try await wait("replicas are in step") {
            for replica in self.replicas {
                let info = try await Self.ask(replica.port, "INFO", "replication").string ?? ""
                guard info.contains("master_link_status:up") else { return false }
            }
            return true
        }
    }

    deinit {
        for process in processes.withLock({ Array($0.values) }) { ValkeyTestSupport.crash(process) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Kills a node as a crash does.
    package func crash(_ node: Node) {
        if let process = processes.withLock({ $0.removeValue(forKey: node.port) }) { ValkeyTestSupport.crash(process) }
    }

    /// Stops a node from doing anything, or lets it go on.
    package func freeze(_ node: Node, _ isFrozen: Bool) {
        processes.withLock { processes in
            if let process = processes[node.port] { kill(process.processIdentifier, isFrozen ? SIGSTOP : SIGCONT) }
        }
    }

    /// The master that has a key's slot, among those at first.
    package func owner(of key: String) -> Node {
        let slot = Int(HashSlot(of: key).number)
        return masters[masters.indices.last { $0 * 16_384 / masters.count <= slot } ?? 0]
    }

    // MARK: Moving a slot, step by step

    /// Lets a slot be on its way: what is not on the source any more is asked of the target.
    package func beginMove(of slot: HashSlot, from source: Node, to target: Node) async throws {
        try await Self.ask(target.port, "CLUSTER", "SETSLOT", Int(slot.number), "IMPORTING", source.id)
        try await Self.ask(source.port, "CLUSTER", "SETSLOT", Int(slot.number), "MIGRATING", target.id)
    }

    /// Moves a slot's keys, or those of them that are named.
    package func moveKeys(of slot: HashSlot, from source: Node, to target: Node, only: [String]? = nil) async throws {
        let all = try await Self.ask(source.port, "CLUSTER", "GETKEYSINSLOT", Int(slot.number), 10_000)
        for key in try only ?? [String](all) {
            try await Self.ask(source.port, "MIGRATE", "127.0.0.1", target.port, key, 0, 10_000)
        }
    }

    /// Tells all nodes that the slot has a new owner.
    package func endMove(of slot: HashSlot, to target: Node) async throws {
        for node in [target] + masters.filter({ $0 != target }) {
            try await Self.ask(node.port, "CLUSTER", "SETSLOT", Int(slot.number), "NODE", target.id)
        }
    }

    // MARK: Asking a node

    /// Sends a command to one node.
    @discardableResult
    package func ask(_ node: Node, _ name: String, _ arguments: any ValkeyArgument...) async throws -> ValkeyValue {
        try await Self.ask(node.port, name, arguments)
    }

    @discardableResult
    private static func ask(
        _ port: Int,
        _ name: String,
        _ arguments: any ValkeyArgument...
    ) async throws
        -> ValkeyValue
    {
        try await ask(port, name, arguments)
    }

    private static func ask(_ port: Int, _ name: String, _ arguments: [any ValkeyArgument]) async throws -> ValkeyValue
    {
        let client = try ValkeyClient(url(port), configuration: ValkeyConfiguration(timeout: .seconds(20)))
        do {
            let reply = try await client.send(ValkeyCommand(name, arguments: arguments))
            await client.close()
            return reply
        } catch {
            await client.close()
            throw error
        }
    }

    private func onEach(_ name: String, _ argument: String) async throws -> [String] {
        var texts: [String] = []
        for node in masters + replicas { texts.append(try await Self.ask(node.port, name, argument).string ?? "") }
        return texts
    }

    // MARK: Starting

    private static func bus(_ port: Int) -> Int { port + 1 }

    /// Starts a node on two neighbouring ports that are free; tries others while somebody is quicker.
    private static func start(_ executable: String, in folder: URL) async throws -> (Int, Process) {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for _ in 0..<50 {
            let port = Int.random(in: 20_000..<32_000)
            let process = try ServerExecutable.run(
                executable,
                [
                    "--port", "\(port)", "--cluster-port", "\(bus(port))", "--bind", "127.0.0.1",
                    "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--dir", folder.path,
                    "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--logfile", "log",
                    "--cluster-replica-validity-factor", "0",
                ]
            )
            let end = ContinuousClock.now + .seconds(60)
            while process.isRunning, ContinuousClock.now < end {
                // The answer must be this server's, and not of another test's on the same port.
                let info = try? await ask(port, "INFO", "server").string
                if info?.contains("process_id:\(process.processIdentifier)\r") == true { return (port, process) }
                try await Task.sleep(for: .milliseconds(10))
            }
            if process.isRunning { ValkeyTestSupport.crash(process) }
        }
        throw ServerFailure(description: "\(executable) did not start in \(folder.path)")
    }

    private func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while try await !condition() {
            guard ContinuousClock.now < end else { throw ServerFailure(description: "not in time: \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
