/// Where gateways are found over the network.
package enum GatewayAddress: Hashable, Sendable {
    /// `dns:///name:port`: every address behind the name is a gateway.
    case name(host: String, port: UInt16)
    /// `host:port`: one gateway, at the first of the host's addresses, IPv4 preferred.
    case host(String, port: UInt16)

    /// The host as it was written; a gateway's certificate must be valid for it.
    package var host: String {
        switch self {
        case .name(let host, _), .host(let host, _): host
        }
    }

    package var port: UInt16 {
        switch self {
        case .name(_, let port), .host(_, let port): port
        }
    }

    /// Reads one address.
    ///
    /// - Throws: `GatewayAddressError`, which says how it is written.
    package init(_ text: some StringProtocol) throws(GatewayAddressError) {
        let isName = text.hasPrefix("dns:///")
        let rest = isName ? text.dropFirst("dns:///".count) : text[...]
        if !isName, Self.hasScheme(text) {
            throw GatewayAddressError("'\(text)' has an unknown scheme; write dns:///NAME:PORT or HOST:PORT")
        }
        guard let colon = rest.lastIndex(of: ":"),
            let port = UInt16(rest[rest.index(after: colon)...]), port > 0
        else {
            throw GatewayAddressError("'\(text)' has no port; write dns:///NAME:PORT or HOST:PORT")
        }
        var host = String(rest[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw GatewayAddressError("'\(text)': write an IPv6 address in brackets, [\(host)]:\(port)")
        }
        guard !host.isEmpty, !host.contains("/") else {
            throw GatewayAddressError("'\(text)' has no host; write dns:///NAME:PORT or HOST:PORT")
        }
        self = isName ? .name(host: host, port: port) : .host(host, port: port)
    }

    /// Reads addresses separated by commas.
    ///
    /// - Throws: `GatewayAddressError` for the first that is none.
    package static func list(_ text: String) throws(GatewayAddressError) -> [GatewayAddress] {
        var addresses: [GatewayAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let address = try GatewayAddress(part)
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    private static func hasScheme(_ text: some StringProtocol) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        return text[text.index(after: colon)...].hasPrefix("//")
    }
}

extension GatewayAddress: CustomStringConvertible {
    package var description: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return switch self {
        case .name: "dns:///\(host):\(port)"
        case .host: "\(host):\(port)"
        }
    }
}

/// What was given is no gateway's address.
package struct GatewayAddressError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
