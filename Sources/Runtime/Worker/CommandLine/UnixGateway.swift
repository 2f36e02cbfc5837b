/// The socket of a gateway on this machine: `unix:///path`.
struct UnixGateway: Equatable, Sendable {
    static let scheme = "unix://"

    let path: String

    /// - Throws: `UsageError` for what is no such socket.
    init(_ text: String) throws(UsageError) {
        guard text.hasPrefix(Self.scheme + "/") else {
            throw UsageError("--gateway '\(text)' needs an absolute path; write unix:///path/of/the/socket")
        }
        path = String(text.dropFirst(Self.scheme.count))
    }

    func connect() throws(SystemError) -> CInt {
        try Sockets.connect(unix: path)
    }
}
