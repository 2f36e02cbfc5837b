import Text

/// The address of a server as people write it: the scheme may be left out, and the host for one of this machine.
enum BaseAddress {
    /// The URL of `http://localhost:9090/`, `localhost:9090`, `:9090` or `9090`, with no slash at its end.
    static func url(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        if text.includes("://") { return text }
        if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) { text = ":" + text }
        return "http://" + (text.hasPrefix(":") ? "127.0.0.1" : "") + text
    }
}
