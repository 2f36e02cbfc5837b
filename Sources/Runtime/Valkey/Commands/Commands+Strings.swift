extension ValkeyClient {
    // MARK: Values

    /// The value of a key, `nil` if it does not exist.
    ///
    /// - Throws: ``ValkeyError``.
    public func get(_ key: any ValkeyArgument) async throws(ValkeyError) -> [UInt8]? {
        try await send(ValkeyCommand("GET", key), as: [UInt8]?.self)
    }

    /// The value of a key as a type, `nil` if it does not exist.
    ///
    /// - Throws: ``ValkeyError``.
    public func get<T: ValkeyDecodable>(_ key: any ValkeyArgument, as type: T.Type) async throws(ValkeyError) -> T? {
        try await send(ValkeyCommand("GET", key), as: T?.self)
    }

    /// When a value is set.
    public enum SetCondition: String, Sendable {
        /// Only if the key does not exist.
        case ifAbsent = "NX"
        /// Only if the key exists.
        case ifPresent = "XX"
    }

    /// Sets the value of a key; returns whether it was set, which only a condition can prevent.
    ///
    /// The key lives for `time`, or without it for good; `condition` says when to set it, without one always.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func set(
        _ key: any ValkeyArgument,
        _ value: any ValkeyArgument,
        expiresAfter time: Duration? = nil,
        _ condition: SetCondition? = nil
    ) async throws(ValkeyError) -> Bool {
        var arguments: [any ValkeyArgument] = [key, value]
        if let time { arguments += ["PX", time.wholeMilliseconds] as [any ValkeyArgument] }
        if let condition { arguments.append(condition.rawValue) }
        return try await send(ValkeyCommand("SET", arguments: arguments), as: Bool.self)
    }

    /// The values of keys, in their order, `nil` for each that does not exist.
    ///
    /// - Throws: ``ValkeyError``.
    public func mget(_ keys: [any ValkeyArgument]) async throws(ValkeyError) -> [[UInt8]?] {
        guard !keys.isEmpty else { return [] }
        return try await send(ValkeyCommand("MGET", arguments: keys), as: [[UInt8]?].self)
    }

    /// Adds to the number that a key holds and returns the sum; a key that does not exist counts as 0.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func incrby(_ key: any ValkeyArgument, _ amount: Int = 1) async throws(ValkeyError) -> Int {
        try await send(ValkeyCommand("INCRBY", key, amount), as: Int.self)
    }
}
