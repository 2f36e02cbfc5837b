package import HTTPTransfer
import Text

/// Why a registry did not do what it was asked.
package enum RegistryError: Error, CustomStringConvertible {
    /// No answer came.
    case unreachable(registry: String, HTTPClientError)
    /// It wants credentials, other ones, or rights that these do not have.
    case unauthorized(registry: String, what: String, hadCredentials: Bool)
    /// It said no.
    case refused(registry: String, what: String, status: Int, code: String?, message: String?)
    /// What came is not what its digest says.
    case corrupted(registry: String, what: String)
    /// It answered something that the protocol does not know.
    case malformed(registry: String, what: String)

    /// Whether the same may well succeed later.
    package var isTransient: Bool {
        switch self {
        case .unreachable(_, let error): error.isUnavailable
        case .refused(_, _, let status, _, _): [408, 429, 500, 502, 503, 504].contains(status)
        default: false
        }
    }

    /// Whether it is not there.
    package var isNotFound: Bool {
        if case .refused(_, _, 404, _, _) = self { true } else { false }
    }

    package var description: String {
        switch self {
        case .unreachable(let registry, let error): "the registry \(registry) cannot be used: \(error)"
        case .unauthorized(let registry, let what, let had):
            had
                ? "the registry \(registry) does not let these credentials \(what)"
                : "the registry \(registry) wants credentials to \(what), and none are there"
        case .refused(let registry, let what, let status, let code, let message):
            "the registry \(registry) refuses to \(what): "
                + ([code, message].compactMap { $0 }.joined(separator: ": ").isEmpty
                    ? "status \(status)" : [code, message].compactMap { $0 }.joined(separator: ": "))
        case .corrupted(let registry, let what): "\(what) of \(registry) is not what its digest says"
        case .malformed(let registry, let what): "the registry \(registry) does not follow the protocol: \(what)"
        }
    }

    /// How it may be mended.
    package var fix: String {
        switch self {
        case .unreachable(let registry, .tls):
            "is its certificate trusted here? A registry without TLS, such as \(registry) may be, needs --plain-http"
        case .unreachable: "is its address right, and does it run?"
        case .unauthorized(let registry, _, _):
            "sign in with 'docker login \(registry)' or 'podman login \(registry)'; for Amazon ECR let 'aws' sign in"
        case .refused(_, _, 404, "NAME_UNKNOWN", _):
            "make the repository first: this registry makes none by itself"
        case .refused(_, _, _, let code?, let message)
        where code.includes("TAG") || message?.includes("immutable") == true:
            "tags do not move in this repository: leave --tag out, and the image is tagged by what it holds"
        case .refused, .malformed: "look at the registry's log"
        case .corrupted: "try again; if it stays so, the registry's storage is damaged"
        }
    }
}
