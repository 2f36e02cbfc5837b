extension ValkeyClient {
    // MARK: Hashes

    /// Sets fields of a hash; returns how many of them are new.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func hset(
        _ key: any ValkeyArgument,
        _ fields: KeyValuePairs<String, any ValkeyArgument>
    ) async throws(ValkeyError) -> Int {
        var arguments = [key]
        for (name, value) in fields { arguments += [name, value] }
        return try await send(ValkeyCommand("HSET", arguments: arguments), as: Int.self)
    }

    /// The value of a field, `nil` if there is none.
    ///
    /// - Throws: ``ValkeyError``.
    public func hget(_ key: any ValkeyArgument, _ field: any ValkeyArgument) async throws(ValkeyError) -> [UInt8]? {
        try await send(ValkeyCommand("HGET", key, field), as: [UInt8]?.self)
    }

    /// The values of fields, in their order, `nil` for each that does not exist.
    ///
    /// - Throws: ``ValkeyError``.
    public func hmget(_ key: any ValkeyArgument, _ fields: [any ValkeyArgument]) async throws(ValkeyError) -> [[UInt8]?]
    {
        guard !fields.isEmpty else { return [] }
        return try await send(ValkeyCommand("HMGET", arguments: [key] + fields), as: [[UInt8]?].self)
    }

    /// All fields of a hash and their values; none if the key does not exist.
    ///
    /// - Throws: ``ValkeyError``.
    public func hgetall(_ key: any ValkeyArgument) async throws(ValkeyError) -> [String: [UInt8]] {
        try await send(ValkeyCommand("HGETALL", key), as: [String: [UInt8]].self)
    }

    /// All fields of a hash and their values as a type; none if the key does not exist.
    ///
    /// - Throws: ``ValkeyError``.
    public func hgetall<T: ValkeyDecodable>(
        _ key: any ValkeyArgument,
        as type: T.Type
    ) async throws(ValkeyError) -> [String: T] {
        try await send(ValkeyCommand("HGETALL", key), as: [String: T].self)
    }

    /// Adds to the number that a field holds and returns the sum; a field that does not exist counts as 0.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func hincrby(
        _ key: any ValkeyArgument,
        _ field: any ValkeyArgument,
        _ amount: Int
    ) async throws(ValkeyError) -> Int {
        try await send(ValkeyCommand("HINCRBY", key, field, amount), as: Int.self)
    }

    /// Removes fields of a hash; returns how many there were.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func hdel(_ key: any ValkeyArgument, _ fields: any ValkeyArgument...) async throws(ValkeyError) -> Int {
        try await send(ValkeyCommand("HDEL", arguments: [key] + fields), as: Int.self)
    }
}
