import Time

extension ValkeyClient {
    // MARK: Keys

    /// Deletes keys; returns how many there were.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func del(_ keys: any ValkeyArgument...) async throws(ValkeyError) -> Int {
        try await send(ValkeyCommand("DEL", arguments: keys), as: Int.self)
    }

    /// Whether a key exists.
    ///
    /// - Throws: ``ValkeyError``.
    public func exists(_ key: any ValkeyArgument) async throws(ValkeyError) -> Bool {
        try await send(ValkeyCommand("EXISTS", key), as: Bool.self)
    }

    /// Lets a key end after a time, counted in milliseconds; returns whether there is such a key.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func expire(_ key: any ValkeyArgument, after time: Duration) async throws(ValkeyError) -> Bool {
        try await send(ValkeyCommand("PEXPIRE", key, time.wholeMilliseconds), as: Bool.self)
    }

    /// Lets a key stay for good; returns whether it was to end.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func persist(_ key: any ValkeyArgument) async throws(ValkeyError) -> Bool {
        try await send(ValkeyCommand("PERSIST", key), as: Bool.self)
    }

    /// How long a key has still to live; `nil` if it does not exist or stays for good.
    ///
    /// - Throws: ``ValkeyError``.
    public func timeToLive(_ key: any ValkeyArgument) async throws(ValkeyError) -> Duration? {
        let time = try await send(ValkeyCommand("PTTL", key), as: Int.self)
        return time < 0 ? nil : .milliseconds(time)
    }

    /// Goes through the keys that match a pattern, a few at a time: from the cursor "0" until it comes back.
    ///
    /// A key may come twice, and keys that come or go meanwhile may be missed.
    ///
    /// - Throws: ``ValkeyError``.
    public func scan(
        cursor: String,
        match pattern: String? = nil,
        count: Int? = nil
    ) async throws(ValkeyError) -> (cursor: String, keys: [[UInt8]]) {
        var arguments: [any ValkeyArgument] = [cursor]
        if let pattern { arguments += ["MATCH", pattern] }
        if let count { arguments += ["COUNT", count] as [any ValkeyArgument] }
        let reply = try await send(ValkeyCommand("SCAN", arguments: arguments))
        guard case .array(let parts) = reply, parts.count == 2 else {
            throw .unexpected(reply, wanted: "a cursor and keys")
        }
        return (try String(parts[0]), try [[UInt8]](parts[1]))
    }

    /// Asks the server whether it is there.
    ///
    /// - Throws: ``ValkeyError``.
    public func ping() async throws(ValkeyError) {
        _ = try await send(ValkeyCommand("PING"))
    }
}

extension Duration {
    /// Whole milliseconds, at least one, as the server refuses to let a key live for none.
    var wholeMilliseconds: Int {
        max(1, Int(wholeNanoseconds / 1_000_000))
    }
}
