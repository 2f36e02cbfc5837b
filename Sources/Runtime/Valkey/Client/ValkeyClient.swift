package import Hosting

/// A client that all tasks of a process share.
///
/// Commands of all callers travel one after the other on one connection, without waiting for each other's replies.
/// Nothing is started before the first command: no thread, no connection. A broken connection is replaced by itself.
///
/// With a URL that says `cluster=true` it speaks to all nodes of a cluster, each by one connection, and follows the hash
/// slots wherever they go: a moved or moving slot and a failed over node are met by sending the command again where it
/// was not executed. All keys of a command, script or transaction have to be in one slot; a pipeline may have many.
///
/// Commands that block (`BLPOP`, `XREAD … BLOCK`) hold up everybody on the same client: give them one of their own.
public final class ValkeyClient: Sendable {
    /// The server.
    public let url: ValkeyURL
    private let link: Link
    private let loop: LazyLoop
    private let configuration: ValkeyConfiguration

    private enum Link {
        case node(NodeConnection)
        case cluster(ClusterConnection)
    }

    /// Makes a client of a server or a cluster.
    public convenience init(url: ValkeyURL, configuration: ValkeyConfiguration = ValkeyConfiguration()) {
        self.init(url: url, configuration: configuration, host: nil)
    }

    /// Makes a client whose socket a host looks after, where it can: on a Unix socket, on a server that is no cluster.
    package init(url: ValkeyURL, configuration: ValkeyConfiguration, host: (any SourceHost)?) {
        self.url = url
        loop = LazyLoop()
        link =
            url.isCluster
            ? .cluster(ClusterConnection(url: url, configuration: configuration, loop: loop))
            : .node(NodeConnection(url: url, configuration: configuration, loop: loop, host: host))
        self.configuration = configuration
    }

    /// Makes a client of the server that a URL names.
    ///
    /// - Throws: ``ValkeyError/invalidURL(_:)``.
    public convenience init(
        _ url: String,
        configuration: ValkeyConfiguration = ValkeyConfiguration()
    ) throws(ValkeyError) {
        self.init(url: try ValkeyURL(url), configuration: configuration)
    }

    /// Sends a command and returns its reply.
    ///
    /// Waits for the reply for `timeout`, or else for the configured time.
    ///
    /// - Throws: ``ValkeyError``; an error reply as ``ValkeyError/server(_:)``.
    public func send(_ command: ValkeyCommand, timeout: Duration? = nil) async throws(ValkeyError) -> ValkeyValue {
        if let objection = command.objection { throw .invalidCommand(objection) }
        let reply =
            switch link {
            case .node(let node):
                try await node.call(command.wire, replies: 1, timeout: timeout ?? configuration.timeout)
            case .cluster(let cluster):
                try await cluster.call(
                    ClusterCall(bytes: command.wire, replies: 1, slot: command.hashSlot()),
                    timeout: timeout ?? configuration.timeout
                )
            }
        if case .error(let error) = reply {
            // The server was restarted or its scripts were flushed. It executed nothing.
            if error.code == "NOSCRIPT", let whole = command.withSource {
                return try await send(whole, timeout: timeout)
            }
            throw .server(error)
        }
        return reply
    }

    /// Sends a command and returns its reply as a type.
    ///
    /// - Throws: ``ValkeyError``; ``ValkeyError/unexpectedReply(_:)`` for a reply that is no such value.
    public func send<T: ValkeyDecodable>(
        _ command: ValkeyCommand,
        as type: T.Type,
        timeout: Duration? = nil
    ) async throws(ValkeyError) -> T {
        try T(try await send(command, timeout: timeout))
    }

    /// Sends commands directly after each other and returns their replies in the same order.
    ///
    /// A script that the server does not have is sent once more after the others, with its text.
    ///
    /// Other callers' commands do not come between them, but the server may execute some and not the others. In a cluster
    /// that is so for the commands of each node; commands of one slot are executed in their order. An error
    /// reply stands in its place as ``ValkeyValue/error(_:)``.
    ///
    /// - Throws: ``ValkeyError`` if not all replies came.
    public func pipeline(
        _ commands: [ValkeyCommand],
        timeout: Duration? = nil
    ) async throws(ValkeyError) -> [ValkeyValue] {
        guard !commands.isEmpty else { return [] }
        for command in commands {
            if let objection = command.objection { throw .invalidCommand(objection) }
        }
        var replies = try await replies(to: commands, timeout: timeout ?? configuration.timeout)
        for (index, command) in commands.enumerated() {
            guard case .error(let error) = replies[index], error.code == "NOSCRIPT", let whole = command.withSource
            else { continue }
            replies[index] = try await self.replies(to: [whole], timeout: timeout ?? configuration.timeout)[0]
        }
        return replies
    }

    private func replies(
        to commands: [ValkeyCommand],
        timeout: Duration
    ) async throws(ValkeyError) -> [ValkeyValue] {
        switch link {
        case .node(let node):
            let reply = try await node.call(Self.bytes(commands), replies: commands.count, timeout: timeout)
            let replies = commands.count == 1 ? [reply] : reply.array ?? []
            guard replies.count == commands.count else { throw .unexpectedReply("there are replies missing") }
            return replies
        case .cluster(let cluster):
            var calls: [ClusterCall] = []
            calls.reserveCapacity(commands.count)
            for command in commands {
                calls.append(ClusterCall(bytes: command.wire, replies: 1, slot: try command.hashSlot()))
            }
            return try await cluster.call(calls, timeout: timeout)
        }
    }

    /// Has commands executed as one: no other client's command comes between, and all are executed or none.
    ///
    /// An error reply stands in its place as ``ValkeyValue/error(_:)``; the server does not undo the others.
    ///
    /// - Throws: ``ValkeyError``; ``ValkeyError/server(_:)`` if the server refused a command and so executed none.
    public func transaction(
        _ commands: [ValkeyCommand],
        timeout: Duration? = nil
    ) async throws(ValkeyError) -> [ValkeyValue] {
        guard !commands.isEmpty else { return [] }
        for command in commands {
            if let objection = command.objection { throw .invalidCommand(objection) }
        }
        let bytes = Self.bytes([ValkeyCommand(trusted: "MULTI")] + commands + [ValkeyCommand(trusted: "EXEC")])
        let count = commands.count + 2
        let time = timeout ?? configuration.timeout
        let reply =
            switch link {
            case .node(let node): try await node.call(bytes, replies: count, timeout: time)
            case .cluster(let cluster):
                try await cluster.call(
                    ClusterCall(bytes: bytes, replies: count, slot: commands.commonSlot()),
                    timeout: time
                )
            }
        let replies = reply.array ?? []
        // A command that was refused when it was queued says best what is wrong.
        for reply in replies.dropLast() {
            if case .error(let error) = reply { throw .server(error) }
        }
        switch replies.last {
        case .array(let results)?: return results
        case .error(let error)?: throw .server(error)
        default: throw .unexpectedReply("expected the results of a transaction, got \(replies.last?.kind ?? "none")")
        }
    }

    private static func bytes(_ commands: [ValkeyCommand]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(commands.reduce(0) { $0 + $1.wire.count })
        for command in commands { bytes += command.wire }
        return bytes
    }

    /// Sends a command to the server, or to each node of a cluster that has keys, and returns the replies.
    ///
    /// - Throws: ``ValkeyError``; the first error reply as ``ValkeyError/server(_:)``.
    public func onEveryNode(
        _ command: ValkeyCommand,
        timeout: Duration? = nil
    ) async throws(ValkeyError) -> [ValkeyValue] {
        if let objection = command.objection { throw .invalidCommand(objection) }
        let timeout = timeout ?? configuration.timeout
        var replies: [ValkeyValue] = []
        for node in try await nodes(timeout: timeout) {
            let reply = try await node.call(command.wire, replies: 1, timeout: timeout)
            if case .error(let error) = reply { throw .server(error) }
            replies.append(reply)
        }
        return replies
    }

    /// Goes through the keys that match a pattern, of a server or of all nodes of a cluster.
    ///
    /// A key may come twice, and keys that come or go meanwhile may be missed, in a cluster also those of a slot that
    /// moves meanwhile.
    ///
    /// - Throws: ``ValkeyError``, and what the closure throws.
    public func forEachKey(
        match pattern: String,
        count: Int = 1_000,
        _ visit: ([UInt8]) async throws -> Void
    ) async throws {
        for node in try await nodes(timeout: configuration.timeout) {
            var cursor = "0"
            repeat {
                let command = ValkeyCommand("SCAN", cursor, "MATCH", pattern, "COUNT", count)
                let reply = try await node.call(command.wire, replies: 1, timeout: configuration.timeout)
                guard case .array(let parts) = reply, parts.count == 2 else {
                    throw ValkeyError.unexpected(reply, wanted: "a cursor and keys")
                }
                cursor = try String(parts[0])
                for key in try [[UInt8]](parts[1]) { try await visit(key) }
            } while cursor != "0"
        }
    }

    private func nodes(timeout: Duration) async throws(ValkeyError) -> [NodeConnection] {
        switch link {
        case .node(let node): [node]
        case .cluster(let cluster): try await cluster.masters(timeout: timeout)
        }
    }

    /// Ends the connections and the thread; calls under way fail, later ones too.
    public func close() async {
        switch link {
        case .node(let node): await node.close()
        case .cluster(let cluster): await cluster.close()
        }
        await loop.shutDown()
    }
}
