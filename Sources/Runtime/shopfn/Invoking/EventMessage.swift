import Events
import Manifest
import Routing
import WorkerProtocol

extension InvokeMessage {
    /// An HTTP event as the frame a worker gets.
    init(_ event: HTTPEvent, for function: FunctionDeclaration) {
        self.init(method: event.method, path: event.path)
        query = event.query
        route = function.trigger.route?.path ?? ""
        headers = event.headers.map { ($0.name, $0.value) }
        clientAddress = event.sourceAddress
        requestID = event.requestID.isEmpty ? "invoke" : event.requestID
        self.function = function.name
        body = event.body
        if Self.isIdempotent(event) { flags.insert(.idempotent) }
        traceparent = event.values(ofHeader: "traceparent").first ?? ""
        tracestate = event.values(ofHeader: "tracestate").first ?? ""
        parameters = Self.parameters(event, function.trigger.route).map { ($0.name, $0.value) }
        if case .schedule(let schedule) = function.trigger { mark(as: schedule) }
    }

    /// Makes it what a gateway sends when the schedule says so.
    private mutating func mark(as schedule: Schedule) {
        kind = .schedule
        flags.insert(.idempotent)
        let name = InvokeMessage.scheduleHeader
        if !headers.contains(where: { $0.0.lowercased() == name }) { headers.append((name, schedule.text)) }
    }

    private static func isIdempotent(_ event: HTTPEvent) -> Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(event.method)
            || !event.values(ofHeader: "idempotency-key").isEmpty
    }

    /// The event's own path parameters, else those its path has by the function's route.
    private static func parameters(_ event: HTTPEvent, _ route: RoutePattern?) -> [HTTPEvent.Field] {
        guard event.pathParameters.isEmpty, let route else { return event.pathParameters }
        return route.parameters(ofPath: event.path) ?? []
    }
}

extension RoutePattern {
    /// The parameters that a path in canonical escapes has by this pattern, whatever the method; `nil` where the pattern
    /// does not match it.
    func parameters(ofPath path: String) -> [HTTPEvent.Field]? {
        guard let anyMethod = try? RoutePattern("ANY \(self.path)"), let router = try? Router([(anyMethod, ())]) else {
            return nil
        }
        let path = Array(path.utf8)
        return Array("GET".utf8).withUnsafeBytes { method in
            path.withUnsafeBytes { path in
                guard case .found(let match) = router.match(method: method, path: path) else { return nil }
                return zip(parameterNames, match.parameters).compactMap { name, range in
                    var value: [UInt8] = []
                    let escaped = UnsafeRawBufferPointer(rebasing: path[range])
                    guard (try? PathParameter.decode(escaped, into: &value)) != nil else { return nil }
                    return HTTPEvent.Field(name, String(decoding: value, as: UTF8.self))
                }
            }
        }
    }
}
