/// What a registry wants to see before it answers (RFC 9110, section 11.6.1).
package enum Challenge: Equatable, Sendable {
    /// Name and password with each request.
    case basic
    /// A token, to be asked for at the realm.
    case bearer(realm: String, service: String?, scope: String?)

    /// Reads a `WWW-Authenticate` field; nothing where it holds no scheme that is known.
    package init?(_ field: String) {
        let scheme = field.prefix { $0 != " " }.lowercased()
        var parameters: [String: String] = [:]
        var rest = field.dropFirst(scheme.count).drop { $0 == " " }
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == " " || $0 == "," }.lowercased()
            rest = rest[rest.index(after: equals)...]
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst()
                    if character == "\\", let escaped = rest.first {
                        value.append(escaped)
                        rest = rest.dropFirst()
                    } else {
                        value.append(character)
                    }
                }
                rest = rest.dropFirst()
            } else {
                value = String(rest.prefix { $0 != "," })
                rest = rest.dropFirst(value.count)
            }
            parameters[name] = value
        }
        switch scheme {
        case "basic": self = .basic
        case "bearer":
            guard let realm = parameters["realm"] else { return nil }
            self = .bearer(realm: realm, service: parameters["service"], scope: parameters["scope"])
        default: return nil
        }
    }
}
