package import HTTPTransfer
import JSON

/// What a server says of a request it did not carry out: `meta/v1.Status`.
package struct Status: Hashable, Sendable {
    /// One field that is wrong, or one thing in the way.
    package struct Cause: Hashable, Sendable {
        package var field: String
        package var reason: String
        package var message: String
    }

    /// The HTTP status code.
    package var code: Int
    /// One word for machines, such as `NotFound` or `AlreadyExists`; empty where the server gave none.
    package var reason: String
    /// A sentence.
    package var message: String
    package var causes: [Cause] = []
    /// Seconds after which to ask again.
    package var retryAfter: Int?
    /// What was to be applied, such as `Service gateways`; the server does not always name it.
    package var about: String?

    package init(code: Int, reason: String, message: String) {
        self.code = code
        self.reason = reason
        self.message = message
    }

    init(_ json: JSONValue) {
        code = json["code"]?.intValue ?? 0
        reason = json["reason"]?.stringValue ?? ""
        message = json["message"]?.stringValue ?? ""
        causes = (json["details"]?["causes"]?.arrayValue ?? []).map {
            Cause(
                field: $0["field"]?.stringValue ?? "",
                reason: $0["reason"]?.stringValue ?? "",
                message: $0["message"]?.stringValue ?? ""
            )
        }
        retryAfter = json["details"]?["retryAfterSeconds"]?.intValue
    }

    init(_ response: HTTPClientResponse) {
        if let json = try? JSONValue(parsing: response.body), json["kind"]?.stringValue == "Status" {
            self.init(json)
            code = response.status
        } else {
            // A proxy on the way, or a part of the server that answers in plain text.
            let text = String(decoding: response.body.prefix(500), as: UTF8.self).trimmed
            self.init(code: response.status, reason: "", message: text)
        }
        if let seconds = response.headers["Retry-After"].flatMap({ Int($0) }) { retryAfter = seconds }
    }

    /// How long to wait before the same request may be sent again; `nil` if it may not.
    ///
    /// The server did nothing where it says "too many requests", and says itself when a failure is worth another try.
    var retryDelay: Duration? {
        switch code {
        case 429: .seconds(max(retryAfter ?? 1, 0))
        case 500...599: retryAfter.map { .seconds(max($0, 0)) }
        default: nil
        }
    }
}

/// Why a request to the API server came to nothing.
package enum KubernetesError: Error, Hashable, Sendable {
    /// The server refused.
    case status(Status)
    /// No answer came.
    case transfer(HTTPClientError)
    /// There is nothing to log in with.
    case credentials(String)
    /// The answer makes no sense.
    case malformed(String)
    /// The server knows no such kind.
    case unknownKind(apiVersion: String, kind: String)
}

extension KubernetesError {
    package var status: Status? {
        if case .status(let status) = self { status } else { nil }
    }

    package var isNotFound: Bool { status?.code == 404 }
    package var isAlreadyExists: Bool { status?.reason == "AlreadyExists" }
    /// Somebody else changed it meanwhile, or owns a field.
    package var isConflict: Bool { status?.code == 409 && !isAlreadyExists }
    package var isForbidden: Bool { status?.code == 403 }
    package var isUnauthorized: Bool { status?.code == 401 }
    package var isInvalid: Bool { status?.code == 422 }
    /// What was to be resumed is no longer kept.
    package var isGone: Bool { status?.code == 410 || status?.reason == "Expired" }
    package var isCancelled: Bool { self == .transfer(.cancelled) || self == .transfer(.closed) }

    /// Whether the same request may well succeed later.
    package var isTransient: Bool {
        switch self {
        case .status(let status): status.code == 429 || status.code >= 500
        case .transfer(let error): error.isUnavailable
        case .credentials: true
        case .malformed, .unknownKind: false
        }
    }
}

extension KubernetesError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let status):
            let text = status.message.isEmpty ? "no reason given" : status.message
            let reason = status.reason.isEmpty ? "" : ", \(status.reason)"
            let about = status.about.map { " \($0)" } ?? ""
            return "the API server refused\(about): \(text) (\(status.code)\(reason))"
        case .transfer(let error): return "the API server did not answer: \(error)"
        case .credentials(let what): return "no credentials for the API server: \(what)"
        case .malformed(let what): return "the API server's answer makes no sense: \(what)"
        case .unknownKind(let apiVersion, let kind):
            // Groups of Kubernetes' own have no dot, or end in k8s.io.
            let group = apiVersion.split(separator: "/").dropLast().joined()
            let isBuiltIn = !group.contains(".") || group.hasSuffix(".k8s.io")
            let why = isBuiltIn ? "it is older than that" : "its custom resource definition is not installed"
            return "the API server knows no kind \(kind) in \(apiVersion): \(why)"
        }
    }
}
