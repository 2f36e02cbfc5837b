/// A Lua script that the server executes as one.
///
/// The server knows scripts by the SHA-1 of their text, so the text is sent only when it does not have it.
public struct ValkeyScript: Hashable, Sendable {
    /// The Lua text.
    public let source: String
    /// The SHA-1 of the text, in lower-case hexadecimal digits.
    public let sha1: String

    /// Makes a script; costs a hash of its text, so keep it in a constant.
    public init(_ source: String) {
        self.source = source
        sha1 = SHA1.hexDigest(of: Array(source.utf8))
    }
}

extension ValkeyClient {
    /// Executes a script, sending its text only if the server does not have it.
    ///
    /// - Throws: ``ValkeyError``.
    public func eval(
        _ script: ValkeyScript,
        keys: [any ValkeyArgument] = [],
        arguments: [any ValkeyArgument] = [],
        timeout: Duration? = nil
    ) async throws(ValkeyError) -> ValkeyValue {
        try await send(ValkeyCommand(script, keys: keys, arguments: arguments), timeout: timeout)
    }

    /// Executes a script and returns its result as a type.
    ///
    /// - Throws: ``ValkeyError``.
    public func eval<T: ValkeyDecodable>(
        _ script: ValkeyScript,
        keys: [any ValkeyArgument] = [],
        arguments: [any ValkeyArgument] = [],
        as type: T.Type,
        timeout: Duration? = nil
    ) async throws(ValkeyError) -> T {
        try T(try await eval(script, keys: keys, arguments: arguments, timeout: timeout))
    }
}
