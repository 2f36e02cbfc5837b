import Dispatching
import JSON
import Time

/// An answer of the gateway itself: a problem document (RFC 9457).
///
/// Its `type` is stable and names the case; its `detail` says what happened and what to do.
struct GatewayProblem: Sendable {
    let status: Int
    let name: String
    let title: String
    let detail: String
    /// Whole seconds after which another attempt may help.
    var retryAfter: Int?
    /// The methods a path has.
    var allow: String?
    /// What a request was at when its time ran out.
    var lateness: Lateness?

    /// Where an invocation is when its deadline passes.
    enum Lateness: String, Sendable {
        /// No worker was ready to give it a slot.
        case noWorker = "No worker of this function became ready"
        /// All slots were taken.
        case noSlot = "No worker had room for the request"
        /// A worker had it.
        case noAnswer = "The function did not answer"
    }

    /// The document.
    func body(requestID: String) -> [UInt8] {
        let document: JSONValue = [
            "type": .string("urn:shopfn:problem:\(name)"),
            "title": .string(title),
            "status": .int(status),
            "detail": .string(detail),
            "instance": .string("urn:shopfn:request:\(requestID)"),
        ]
        // The value holds text and a number only, and so has nothing that could not be written.
        return (try? document.serialized()) ?? []
    }
}

extension GatewayProblem {
    static let notFound = GatewayProblem(
        status: 404,
        name: "no-route",
        title: "Not Found",
        detail: "No function has a route for this path. 'shopfn list' shows the routes."
    )

    static func methodNotAllowed(_ allow: String) -> GatewayProblem {
        GatewayProblem(
            status: 405,
            name: "method-not-allowed",
            title: "Method Not Allowed",
            detail: "This path takes \(allow).",
            allow: allow
        )
    }

    static func violation(status: Int, _ detail: String) -> GatewayProblem {
        GatewayProblem(status: status, name: "bad-request", title: "The request was refused", detail: detail)
    }

    static func slowRequest(_ part: String) -> GatewayProblem {
        GatewayProblem(
            status: 408,
            name: "slow-request",
            title: "Request Timeout",
            detail: "The request's \(part) did not arrive in time."
        )
    }

    static func refused(_ refusal: Refusal) -> GatewayProblem {
        switch refusal {
        case .queueFull(let limit):
            GatewayProblem(
                status: 503,
                name: "queue-full",
                title: "Service Unavailable",
                detail: "\(limit) requests wait for this function already.",
                retryAfter: 1
            )
        case .cannotStart(let reason, let retryAfter):
            GatewayProblem(
                status: 503,
                name: "cannot-start",
                title: "Service Unavailable",
                detail: "No worker of this function can be started: \(reason).",
                retryAfter: retrySeconds(retryAfter)
            )
        case .stopping:
            GatewayProblem(
                status: 503,
                name: "stopping",
                title: "Service Unavailable",
                detail: "The gateway is stopping.",
                retryAfter: 1
            )
        }
    }

    /// A request waited as long as it could, and no worker became ready.
    static func noWorker(_ reason: String, retryAfter: Int) -> GatewayProblem {
        GatewayProblem(
            status: 503,
            name: "no-worker",
            title: "Service Unavailable",
            detail: "No worker of this function became ready in time: \(reason).",
            retryAfter: retryAfter
        )
    }

    /// Whole seconds for a `Retry-After`, at least one.
    static func retrySeconds(_ duration: Duration) -> Int {
        max(1, Int((duration / .seconds(1)).rounded(.up)))
    }

    static func deadlinePassed(waiting: Bool) -> GatewayProblem {
        deadlinePassed(waiting ? .noSlot : .noAnswer)
    }

    static func deadlinePassed(_ lateness: Lateness, timeout: Duration? = nil) -> GatewayProblem {
        let bound = timeout.map { "its timeout of \(DurationText.text($0))" } ?? "its deadline"
        return GatewayProblem(
            status: 504,
            name: "deadline-passed",
            title: "Gateway Timeout",
            detail: "\(lateness.rawValue) within \(bound).",
            lateness: lateness
        )
    }

    static func workerDied(_ cause: String) -> GatewayProblem {
        GatewayProblem(
            status: 502,
            name: "worker-died",
            title: "Bad Gateway",
            detail: "The worker that had the request \(cause). The request may have had an effect."
        )
    }

    static let handlerFailed = GatewayProblem(
        status: 500,
        name: "internal-error",
        title: "Internal Server Error",
        detail: "The function failed. Its log has the reason, under this request's id."
    )

    static let badResponse = GatewayProblem(
        status: 500,
        name: "bad-response",
        title: "Internal Server Error",
        detail: "The function's response is not valid HTTP. Its log has the reason, under this request's id."
    )
}
