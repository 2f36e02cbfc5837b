/// How an address and a port are written.
enum ListeningAddress {
    /// `HOST:PORT`, an IPv6 address in brackets (RFC 3986, 3.2.2).
    static func text(_ host: String, _ port: Int) -> String {
        "\(bracketed(host)):\(port)"
    }

    static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}
