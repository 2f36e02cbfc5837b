extension ValkeyClient {
    // MARK: Sets and sorted sets

    /// Adds members to a set; returns how many are new.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func sadd(_ key: any ValkeyArgument, _ members: [any ValkeyArgument]) async throws(ValkeyError) -> Int {
        guard !members.isEmpty else { return 0 }
        return try await send(ValkeyCommand("SADD", arguments: [key] + members), as: Int.self)
    }

    /// Removes members from a set; returns how many there were.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func srem(_ key: any ValkeyArgument, _ members: [any ValkeyArgument]) async throws(ValkeyError) -> Int {
        guard !members.isEmpty else { return 0 }
        return try await send(ValkeyCommand("SREM", arguments: [key] + members), as: Int.self)
    }

    /// The members of a set, in no order.
    ///
    /// - Throws: ``ValkeyError``.
    public func smembers(_ key: any ValkeyArgument) async throws(ValkeyError) -> [[UInt8]] {
        try await send(ValkeyCommand("SMEMBERS", key), as: [[UInt8]].self)
    }

    /// Adds members to a sorted set or changes their scores; returns how many are new.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func zadd(
        _ key: any ValkeyArgument,
        _ members: KeyValuePairs<String, Double>
    ) async throws(ValkeyError) -> Int {
        var arguments = [key]
        for (member, score) in members { arguments += [score, member] as [any ValkeyArgument] }
        return try await send(ValkeyCommand("ZADD", arguments: arguments), as: Int.self)
    }

    /// Removes members from a sorted set; returns how many there were.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func zrem(_ key: any ValkeyArgument, _ members: [any ValkeyArgument]) async throws(ValkeyError) -> Int {
        guard !members.isEmpty else { return 0 }
        return try await send(ValkeyCommand("ZREM", arguments: [key] + members), as: Int.self)
    }

    /// The members at positions of a sorted set, both included, -1 being the last.
    ///
    /// - Throws: ``ValkeyError``.
    public func zrange(
        _ key: any ValkeyArgument,
        _ first: Int,
        _ last: Int,
        reversed: Bool = false
    ) async throws(ValkeyError) -> [[UInt8]] {
        let arguments: [any ValkeyArgument] = [key, first, last] + (reversed ? ["REV"] : [])
        return try await send(ValkeyCommand("ZRANGE", arguments: arguments), as: [[UInt8]].self)
    }

    /// The members with a score in a range, both ends included, lowest first.
    ///
    /// - Throws: ``ValkeyError``.
    public func zrange(
        _ key: any ValkeyArgument,
        scores: ClosedRange<Double>,
        limit: Int? = nil
    ) async throws(ValkeyError) -> [[UInt8]] {
        var arguments: [any ValkeyArgument] = [key, scores.lowerBound, scores.upperBound, "BYSCORE"]
        if let limit { arguments += ["LIMIT", 0, limit] as [any ValkeyArgument] }
        return try await send(ValkeyCommand("ZRANGE", arguments: arguments), as: [[UInt8]].self)
    }

    /// How many members a sorted set has.
    ///
    /// - Throws: ``ValkeyError``.
    public func zcard(_ key: any ValkeyArgument) async throws(ValkeyError) -> Int {
        try await send(ValkeyCommand("ZCARD", key), as: Int.self)
    }
}
