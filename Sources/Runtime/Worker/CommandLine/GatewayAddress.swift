/// Where a worker finds its gateway.
///
/// One kind today. A list of addresses (`dns:///name:port`, one connection to every gateway) is to be added here.
enum GatewayAddress: Equatable, Sendable {
    /// `unix:///path`
    case unix(path: String)

    /// - Throws: `UsageError` for what is no address, or one of a kind this worker does not know.
    init(_ text: String) throws(UsageError) {
        guard let separator = text.firstRange(ofText: "://") else {
            throw UsageError("--gateway '\(text)' has no scheme; write unix:///path/of/the/socket")
        }
        let scheme = text[..<separator.lowerBound]
        let rest = String(text[separator.upperBound...])
        guard scheme == "unix" else {
            throw UsageError("--gateway '\(text)': unknown scheme '\(scheme)'; this worker knows unix:///path")
        }
        guard rest.hasPrefix("/") else {
            throw UsageError("--gateway '\(text)' needs an absolute path; write unix:///path/of/the/socket")
        }
        self = .unix(path: rest)
    }

    func connect() throws(SystemError) -> CInt {
        switch self {
        case .unix(let path): try Sockets.connect(unix: path)
        }
    }
}

extension String {
    /// The first place of `text`; a plain search, so that no regular expressions are linked in.
    fileprivate func firstRange(ofText text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            formIndex(after: &start)
        }
        return nil
    }
}
