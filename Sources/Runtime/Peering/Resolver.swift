import Glibc

/// An address of the network layer with its port, ready to connect to.
package struct ResolvedAddress: Hashable, Sendable {
    /// The address in numbers, without brackets.
    package let address: String
    package let port: UInt16

    package init(address: String, port: UInt16) {
        self.address = address
        self.port = port
    }
}

extension ResolvedAddress: CustomStringConvertible {
    package var description: String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

/// Asks the system for the addresses behind names.
package enum Resolver {
    /// Every address of a host, in the system's order; blocks its thread as long as the name service takes.
    ///
    /// - Throws: `ResolverError` when there is none, or none could be asked for.
    package static func addresses(of host: String, port: UInt16) throws(ResolverError) -> [ResolvedAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            let reason = code == EAI_SYSTEM ? String(cString: strerror(errno)) : String(cString: gai_strerror(code))
            throw ResolverError(host: host, reason: reason, isUnknownName: code == EAI_NONAME)
        }
        defer { freeaddrinfo(list) }
        var addresses: [ResolvedAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let isText = getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                &text,
                socklen_t(text.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            guard isText == 0 else { continue }
            let numbers = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let address = ResolvedAddress(address: numbers, port: port)
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }
}

/// A name's addresses could not be had.
package struct ResolverError: Error, Equatable, Sendable, CustomStringConvertible {
    package let host: String
    package let reason: String
    /// The name service answered that the name has no address.
    package let isUnknownName: Bool

    package init(host: String, reason: String, isUnknownName: Bool) {
        self.host = host
        self.reason = reason
        self.isUnknownName = isUnknownName
    }

    package var description: String { "'\(host)' cannot be resolved: \(reason)" }
}
