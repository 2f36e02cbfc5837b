extension ValkeyClient {
    // MARK: Streams

    /// Appends an entry to a stream; returns its id.
    ///
    /// The stream keeps about `limit` of the newest entries, or without it all.
    ///
    /// - Throws: ``ValkeyError``.
    @discardableResult
    public func xadd(
        _ key: any ValkeyArgument,
        _ fields: KeyValuePairs<String, any ValkeyArgument>,
        keepingAbout limit: Int? = nil
    ) async throws(ValkeyError) -> String {
        var arguments = [key]
        if let limit { arguments += ["MAXLEN", "~", limit] as [any ValkeyArgument] }
        arguments.append("*")
        for (name, value) in fields { arguments += [name, value] }
        return try await send(ValkeyCommand("XADD", arguments: arguments), as: String.self)
    }

    /// How many entries a stream has.
    ///
    /// - Throws: ``ValkeyError``.
    public func xlen(_ key: any ValkeyArgument) async throws(ValkeyError) -> Int {
        try await send(ValkeyCommand("XLEN", key), as: Int.self)
    }

    /// Entries of a stream in the order of their ids, both ends included; "-" is the first, "+" the last.
    ///
    /// - Throws: ``ValkeyError``.
    public func xrange(
        _ key: any ValkeyArgument,
        from first: String = "-",
        to last: String = "+",
        count: Int? = nil
    ) async throws(ValkeyError) -> [ValkeyStreamEntry] {
        var arguments: [any ValkeyArgument] = [key, first, last]
        if let count { arguments += ["COUNT", count] as [any ValkeyArgument] }
        return try await send(ValkeyCommand("XRANGE", arguments: arguments), as: [ValkeyStreamEntry].self)
    }
}

/// An entry of a stream.
public struct ValkeyStreamEntry: Hashable, Sendable, ValkeyDecodable {
    /// The id that the server gave it; ids rise.
    public let id: String
    /// Its fields.
    public let fields: [String: [UInt8]]

    /// Takes an entry out of a reply of `XRANGE` and its kin.
    public init(_ reply: ValkeyValue) throws(ValkeyError) {
        guard case .array(let parts) = reply, parts.count == 2 else {
            throw .unexpected(reply, wanted: "an entry of a stream")
        }
        id = try String(parts[0])
        fields = try [String: [UInt8]](parts[1])
    }
}
