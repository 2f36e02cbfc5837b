package import JSON

extension HTTPEvent {
    /// Reads an event as API Gateway sends it, payload 2.0 or 1.0, or as a REST API or a load balancer does (1.0
    /// without its version).
    ///
    /// - Throws: `EventError` that names the member that is wrong.
    package init(json: JSONValue) throws(EventError) {
        guard case .object(let event) = json else {
            throw EventError(
                message: "the event is no JSON object",
                fix: "give an API Gateway event; 'shopfn events http' prints one"
            )
        }
        switch event["version"]?.stringValue {
        case "2.0": try self.init(payloadTwo: event)
        case "1.0": try self.init(payloadOne: event)
        case let version?:
            throw EventError(message: "the event's version '\(version)' is not known", fix: "use payload 2.0 or 1.0")
        case nil:
            if event["httpMethod"] != nil {
                try self.init(payloadOne: event)
            } else if event["requestContext"]?["http"] != nil {
                try self.init(payloadTwo: event)
            } else {
                throw EventError(
                    message: "the event is no API Gateway payload: it has no 'version' and no 'httpMethod'",
                    fix: "see 'shopfn events http' for one; a bare body is given with --data"
                )
            }
        }
    }

    private init(payloadTwo event: JSONObject) throws(EventError) {
        let context = event["requestContext"]
        let http = context?["http"]
        guard let method = http?["method"]?.stringValue, !method.isEmpty else {
            throw Self.missing("requestContext.http.method")
        }
        guard let path = event["rawPath"]?.stringValue ?? http?["path"]?.stringValue else {
            throw Self.missing("rawPath")
        }
        var headers = try Self.fields(event["headers"], "headers")
        let cookies = try Self.strings(event["cookies"], "cookies")
        if !cookies.isEmpty { headers.append(Field("cookie", cookies.joined(separator: "; "))) }
        let given = try Self.fields(event["queryStringParameters"], "queryStringParameters")
        self.init(
            method: method,
            path: Self.encodedPath(path),
            query: event["rawQueryString"]?.stringValue.map {
                PercentEncoding.encode($0, keeping: PercentEncoding.query)
            }
                ?? PercentEncoding.query(of: given),
            headers: headers,
            pathParameters: try Self.fields(event["pathParameters"], "pathParameters"),
            body: try Self.body(of: event),
            sourceAddress: http?["sourceIp"]?.stringValue ?? "127.0.0.1",
            requestID: context?["requestId"]?.stringValue ?? ""
        )
    }

    private init(payloadOne event: JSONObject) throws(EventError) {
        let context = event["requestContext"]
        guard let method = event["httpMethod"]?.stringValue ?? context?["httpMethod"]?.stringValue, !method.isEmpty
        else { throw Self.missing("httpMethod") }
        guard let path = event["path"]?.stringValue ?? context?["path"]?.stringValue else {
            throw Self.missing("path")
        }
        let parameters = try Self.merged(event, "multiValueQueryStringParameters", "queryStringParameters")
        self.init(
            method: method,
            path: Self.encodedPath(path),
            query: PercentEncoding.query(of: parameters),
            headers: try Self.merged(event, "multiValueHeaders", "headers"),
            pathParameters: try Self.fields(event["pathParameters"], "pathParameters"),
            body: try Self.body(of: event),
            sourceAddress: context?["identity"]?["sourceIp"]?.stringValue ?? "127.0.0.1",
            requestID: context?["requestId"]?.stringValue ?? ""
        )
    }

    /// All values of the member that has lists, and those that only the other one has.
    private static func merged(_ event: JSONObject, _ lists: String, _ singles: String) throws(EventError) -> [Field] {
        var fields: [Field] = []
        if let value = event[lists], !value.isNull {
            guard case .object(let object) = value else { throw wrong(lists, "an object") }
            for (name, values) in object {
                for value in try strings(values, "\(lists).\(name)") { fields.append(Field(name, value)) }
            }
        }
        let known = Set(fields.map { $0.name.lowercased() })
        return fields + (try self.fields(event[singles], singles)).filter { !known.contains($0.name.lowercased()) }
    }

    private static func fields(_ value: JSONValue?, _ member: String) throws(EventError) -> [Field] {
        guard let value, !value.isNull else { return [] }
        guard case .object(let object) = value else { throw wrong(member, "an object") }
        var fields: [Field] = []
        for (name, value) in object where !value.isNull {
            guard let text = value.stringValue else { throw wrong("\(member).\(name)", "a string") }
            fields.append(Field(name, text))
        }
        return fields
    }

    private static func strings(_ value: JSONValue?, _ member: String) throws(EventError) -> [String] {
        guard let value, !value.isNull else { return [] }
        guard let items = value.arrayValue else { throw wrong(member, "an array of strings") }
        var strings: [String] = []
        for item in items {
            guard let text = item.stringValue else { throw wrong(member, "an array of strings") }
            strings.append(text)
        }
        return strings
    }

    private static func body(of event: JSONObject) throws(EventError) -> [UInt8] {
        guard let value = event["body"], !value.isNull else { return [] }
        guard let text = value.stringValue else {
            throw EventError(message: "the event's 'body' is no string", fix: "write JSON bodies as a string of JSON")
        }
        guard event["isBase64Encoded"]?.boolValue == true else { return Array(text.utf8) }
        guard let bytes = Base64.decode(text) else {
            throw EventError(
                message: "the event's 'body' is no Base64, as 'isBase64Encoded' says it is",
                fix: "encode the body, or set 'isBase64Encoded' to false"
            )
        }
        return bytes
    }

    /// The path as a request line has it: API Gateway gives some paths decoded.
    private static func encodedPath(_ path: String) -> String {
        let encoded = PercentEncoding.encode(path, keeping: PercentEncoding.path)
        return encoded.hasPrefix("/") ? encoded : "/" + encoded
    }

    private static func missing(_ member: String) -> EventError {
        EventError(message: "the event has no '\(member)'", fix: "see 'shopfn events http' for one that has all")
    }

    private static func wrong(_ member: String, _ kind: String) -> EventError {
        EventError(message: "the event's '\(member)' is not \(kind)", fix: "see 'shopfn events http' for its form")
    }
}
