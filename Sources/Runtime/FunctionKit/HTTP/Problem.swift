/// An answer that says what is wrong, as RFC 9457 describes it.
///
/// Throw it from a handler.
public struct Problem: Error, Sendable {
    /// A URI naming the kind of problem; `about:blank` when the status says it all.
    public var type: String
    /// The kind of problem in a few words; the same for every problem of its type.
    public var title: String
    /// The status it is answered with.
    public var status: HTTPStatus
    /// What is wrong this time, and how to mend it.
    public var detail: String?
    /// A URI reference naming this occurrence.
    public var instance: String?
    /// Further members of the body, for example `errors`.
    public var extensions: JSONObject
    /// Headers it is answered with, for example `Retry-After`.
    public var headers: HTTPHeaders

    /// Puts a problem together.
    public init(
        status: HTTPStatus,
        type: String = "about:blank",
        title: String,
        detail: String? = nil,
        instance: String? = nil,
        extensions: JSONObject = JSONObject(),
        headers: HTTPHeaders = [:]
    ) {
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.instance = instance
        self.extensions = extensions
        self.headers = headers
    }

    /// One mistake of several in a request.
    public struct FieldError: Equatable, Sendable {
        /// Where it is: a JSON pointer into the body (RFC 6901).
        public var pointer: String
        /// What is wrong there, and how to mend it.
        public var detail: String

        /// Puts a mistake together.
        public init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    /// The body: a JSON object with the problem's members.
    var body: [UInt8] {
        var object = JSONObject()
        object["type"] = .string(type)
        object["title"] = .string(title)
        object["status"] = .int(status.rawValue)
        if let detail { object["detail"] = .string(detail) }
        if let instance { object["instance"] = .string(instance) }
        for (name, value) in extensions where object[name] == nil {
            object[name] = value
        }
        if let bytes = try? JSONValue.object(object).serialized() { return bytes }
        // Only a number that is not finite among the extensions comes here: without them it can be written.
        var plain = self
        plain.extensions = JSONObject()
        return extensions.names.isEmpty ? Array(#"{"status":\#(status.rawValue)}"#.utf8) : plain.body
    }
}

extension Problem {
    /// 400: the request cannot be understood.
    public static func badRequest(_ detail: String) -> Problem {
        Problem(status: .badRequest, title: "Bad Request", detail: detail)
    }

    /// 404: there is no such thing.
    public static func notFound(_ detail: String) -> Problem {
        Problem(status: .notFound, title: "Not Found", detail: detail)
    }

    /// 409: the thing is in a state that does not allow it.
    public static func conflict(_ detail: String) -> Problem {
        Problem(status: .conflict, title: "Conflict", detail: detail)
    }

    /// 422: the request is well-formed, and these of its fields are wrong.
    public static func unprocessable(_ detail: String, errors: [FieldError] = []) -> Problem {
        var extensions = JSONObject()
        if !errors.isEmpty {
            extensions["errors"] = .array(
                errors.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] }
            )
        }
        return Problem(
            status: .unprocessableContent,
            title: "Unprocessable Content",
            detail: detail,
            extensions: extensions
        )
    }

    /// 503: a service the function needs cannot be reached; worth trying again after a while.
    public static func unavailable(_ detail: String, retryAfter: Duration = .seconds(1)) -> Problem {
        let seconds = max(1, retryAfter.components.seconds + (retryAfter.components.attoseconds > 0 ? 1 : 0))
        return Problem(
            status: .serviceUnavailable,
            title: "Service Unavailable",
            detail: detail,
            headers: ["retry-after": "\(seconds)"]
        )
    }

    static func contentTooLarge(limit: Int) -> Problem {
        Problem(
            status: .contentTooLarge,
            title: "Content Too Large",
            detail: "The body may have at most \(limit) bytes."
        )
    }

    static func invalidJSON(_ mistake: JSONMistake) -> Problem {
        if mistake.isMalformed {
            return badRequest("The body is not valid JSON: \(mistake.message)")
        }
        return unprocessable(
            "The body does not have the shape that is needed.",
            errors: [FieldError(pointer: mistake.pointer, detail: mistake.message)]
        )
    }

    /// What an error that is no problem is answered with; nothing of the error is in it.
    ///
    /// A Valkey that cannot be reached is 503, worth trying again; everything else is 500.
    init(hiding error: any Error) {
        if let error = error as? ValkeyError, error.isUnavailable {
            self.init(
                status: .serviceUnavailable,
                type: "urn:shopfn:problem:state-unavailable",
                title: "State Unavailable",
                detail: "The store this function needs cannot be reached now. Try again in a moment.",
                headers: ["retry-after": "1"]
            )
        } else {
            self.init(
                status: .internalServerError,
                type: "urn:shopfn:problem:internal-error",
                title: "Internal Server Error"
            )
        }
    }
}
