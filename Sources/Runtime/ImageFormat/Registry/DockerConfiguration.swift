import Events
package import JSON

/// Credentials of registries as `docker login` and `podman login` leave them.
package struct DockerConfiguration: Sendable {
    private let document: JSONValue

    package init(_ document: JSONValue) {
        self.document = document
    }

    /// What there is for a registry.
    package enum Entry: Equatable, Sendable {
        case credentials(RegistryCredentials)
        /// `docker-credential-NAME get` knows.
        case helper(String)
    }

    /// What is to be used for a registry; a helper of its own goes before what is written, and that before a store.
    package func entry(for registry: String) -> Entry? {
        let names = Self.names(of: registry)
        for name in names {
            if let helper = document["credHelpers"]?[name]?.stringValue { return .helper(helper) }
        }
        for name in names {
            if let entry = document["auths"]?[name], let credentials = Self.credentials(entry) {
                return .credentials(credentials)
            }
        }
        return document["credsStore"]?.stringValue.flatMap { $0.isEmpty ? nil : .helper($0) }
    }

    /// The names a registry may stand under.
    package static func names(of registry: String) -> [String] {
        let names = [registry, "https://\(registry)", "https://\(registry)/v2/", "http://\(registry)"]
        guard registry == ImageReference.dockerHub else { return names }
        return ["https://index.docker.io/v1/", "index.docker.io", "docker.io"] + names
    }

    private static func credentials(_ entry: JSONValue) -> RegistryCredentials? {
        if let token = entry["identitytoken"]?.stringValue, !token.isEmpty { return .refreshToken(token) }
        if let user = entry["username"]?.stringValue, let password = entry["password"]?.stringValue, !user.isEmpty {
            return .password(user: user, password: password)
        }
        guard let packed = entry["auth"]?.stringValue, let bytes = Base64.decode(packed),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return .password(
            user: String(decoding: bytes[..<colon], as: UTF8.self),
            password: String(decoding: bytes[(colon + 1)...].prefix { $0 != 0 }, as: UTF8.self)
        )
    }

    /// What a credential helper prints.
    package static func credentials(ofHelper answer: JSONValue) -> RegistryCredentials? {
        guard let user = answer["Username"]?.stringValue, let secret = answer["Secret"]?.stringValue else { return nil }
        return user == "<token>" ? .refreshToken(secret) : .password(user: user, password: secret)
    }
}

/// What a registry, or the server of its tokens, is shown.
package enum RegistryCredentials: Equatable, Sendable {
    case password(user: String, password: String)
    /// Exchanged for a token (OAuth 2.0).
    case refreshToken(String)
}
