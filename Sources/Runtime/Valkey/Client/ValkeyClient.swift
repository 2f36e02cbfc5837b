/// A client that all tasks of a process share.
///
/// Commands of all callers travel one after the other on one connection, without waiting for each other's replies.
/// Nothing is started before the first command: no thread, no connection. A broken connection is replaced by itself.
///
/// Commands that block (`BLPOP`, `XREAD … BLOCK`) hold up everybody on the same client: give them one of their own.
public final class ValkeyClient: Sendable {
    /// The server.
    public let url: ValkeyURL
    private let node: NodeConnection
    private let loop: LazyLoop
    private let configuration: ValkeyConfiguration

    /// Makes a client of a server.
    public init(url: ValkeyURL, configuration: ValkeyConfiguration = ValkeyConfiguration()) {
        self.url = url
        loop = LazyLoop()
        node = NodeConnection(url: url, configuration: configuration, loop: loop)
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
        let reply = try await node.call(command.wire, replies: 1, timeout: timeout ?? configuration.timeout)
        if case .error(let error) = reply { throw .server(error) }
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
    /// Other callers' commands do not come between them, but the server may execute some and not the others. An error
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
        return try await callAll(commands, timeout: timeout)
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
        let whole = [ValkeyCommand(trusted: "MULTI")] + commands + [ValkeyCommand(trusted: "EXEC")]
        let replies = try await callAll(whole, timeout: timeout)
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

    private func callAll(_ commands: [ValkeyCommand], timeout: Duration?) async throws(ValkeyError) -> [ValkeyValue] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(commands.reduce(0) { $0 + $1.wire.count })
        for command in commands { bytes += command.wire }
        let reply = try await node.call(bytes, replies: commands.count, timeout: timeout ?? configuration.timeout)
        return commands.count == 1 ? [reply] : reply.array ?? []
    }

    /// Ends the connection and the thread; calls under way fail, later ones too.
    public func close() async {
        await node.close()
        await loop.shutDown()
    }
}
