extension ValkeyURL {
    /// Reads a URL.
    ///
    /// - Throws: ``ValkeyError/invalidURL(_:)`` saying what is wrong; it never repeats the password.
    public init(_ text: String) throws(ValkeyError) {
        guard let schemeEnd = text.firstIndex(of: ":"), text[schemeEnd...].hasPrefix("://") else {
            throw .invalidURL("it has no scheme; write it as valkey://host:6379/0 or unix:///path")
        }
        let scheme = text[..<schemeEnd].lowercased()
        let rest = text[text.index(schemeEnd, offsetBy: 3)...]
        let (main, query) = rest.split(atFirst: "?")
        // The last "@" ends the credentials: an unencoded "@" in a password is a common slip.
        let (credentials, place) = main.split(atLast: "@")
        var parsed: [Endpoint] = []
        var database: Int?
        switch scheme {
        case "valkey", "redis", "valkeys", "rediss":
            let (authority, path) = place.split(atFirst: "/")
            for node in authority.split(separator: ",", omittingEmptySubsequences: false) {
                parsed.append(try Self.endpoint(node))
            }
            if let path, !path.isEmpty { database = try Self.database(path) }
        case "unix":
            guard place.hasPrefix("/") else {
                throw .invalidURL("a Unix socket's path must be absolute: unix:///run/valkey.sock")
            }
            parsed = [.unix(path: try decode(place, what: "path"))]
        default:
            throw .invalidURL("the scheme \"\(scheme)\" is not known; use valkey, valkeys, redis, rediss or unix")
        }
        self.init(
            endpoint: parsed[0],
            tls: ["valkeys", "rediss"].contains(scheme) ? ValkeyTLS() : nil,
            otherNodes: Array(parsed.dropFirst())
        )
        try readCredentials(credentials)
        try readOptions(query, database: database)
        guard otherNodes.isEmpty || isCluster else {
            throw .invalidURL("several hosts are the nodes of a cluster: add ?cluster=true, or name one")
        }
    }

    private static func endpoint(_ authority: Substring) throws(ValkeyError) -> Endpoint {
        let host: Substring
        let port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw .invalidURL("the IPv6 address lacks its closing bracket")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw .invalidURL("only a port may follow the IPv6 address")
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            (host, port) = authority.split(atFirst: ":")
        }
        guard !host.isEmpty else { throw .invalidURL("the host is missing") }
        guard let port else { return .tcp(host: try decode(host, what: "host"), port: defaultPort) }
        guard let number = UInt16(port), number > 0 else {
            throw .invalidURL("the port \"\(port)\" is not a number from 1 to 65535")
        }
        return .tcp(host: try decode(host, what: "host"), port: Int(number))
    }

    private static func database(_ text: Substring) throws(ValkeyError) -> Int {
        guard let number = UInt16(text) else {
            throw .invalidURL("the database \"\(text)\" is not a number from 0 to 65535")
        }
        return Int(number)
    }

    private mutating func readCredentials(_ credentials: Substring?) throws(ValkeyError) {
        guard let credentials else { return }
        let (name, secret) = credentials.split(atFirst: ":")
        guard let secret else {
            throw .invalidURL("a password is missing before the \"@\": write user:password@ or :password@")
        }
        user = name.isEmpty ? nil : try decode(name, what: "user")
        password = try decode(secret, what: "password")
    }

    private mutating func readOptions(_ query: Substring?, database: Int?) throws(ValkeyError) {
        var database = database
        for option in (query ?? "").split(separator: "&") {
            let (name, encoded) = option.split(atFirst: "=")
            let value = try decode(encoded ?? "", what: "option \(name)")
            switch name {
            case "db":
                guard database == nil else { throw .invalidURL("the database is given twice") }
                database = try Self.database(value[...])
            case "cluster":
                guard case .tcp = endpoint else {
                    throw .invalidURL(
                        "a cluster's nodes are reached by TCP: write it as valkey://host:6379?cluster=true"
                    )
                }
                guard ["true", "false"].contains(value) else {
                    throw .invalidURL("the option cluster is true or false, not \"\(value)\"")
                }
                isCluster = value == "true"
            case "ca", "cert", "key", "servername":
                guard tls != nil else {
                    throw .invalidURL("the option \(name) needs TLS: use the scheme valkeys")
                }
                switch name {
                case "ca": tls?.authorities = value
                case "cert": tls?.certificate = value
                case "key": tls?.privateKey = value
                default: tls?.serverName = value
                }
            default:
                throw .invalidURL(
                    "the option \"\(name)\" is not known; there are db, cluster, ca, cert, key, servername"
                )
            }
        }
        self.database = database ?? 0
    }
}

extension Substring {
    fileprivate func split(atFirst separator: Character) -> (Substring, Substring?) {
        guard let index = firstIndex(of: separator) else { return (self, nil) }
        return (self[..<index], self[self.index(after: index)...])
    }

    fileprivate func split(atLast separator: Character) -> (Substring?, Substring) {
        guard let index = lastIndex(of: separator) else { return (nil, self) }
        return (self[..<index], self[self.index(after: index)...])
    }
}

/// Undoes percent-encoding.
private func decode(_ text: Substring, what: String) throws(ValkeyError) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
            throw .invalidURL("the \(what) has a \"%\" without two hexadecimal digits; write a \"%\" itself as %25")
        }
        bytes.append(high << 4 | low)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
        throw .invalidURL("the \(what) is not UTF-8 once its percent-encoding is undone")
    }
    return decoded
}

private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
