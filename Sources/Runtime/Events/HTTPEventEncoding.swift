package import JSON

/// When an event was made, as its payload says it.
package struct EventTime: Sendable, Equatable {
    /// Milliseconds since 1970 in UTC.
    package var milliseconds: Int

    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    /// As in `12/Mar/2020:19:03:58 +0000`.
    var text: String {
        let seconds = milliseconds / 1_000
        let (year, month, day) = Self.date(ofDay: seconds / 86_400)
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(two).joined(separator: ":")
        return "\(two(day))/\(names[month - 1])/\(year):\(time) +0000"
    }

    /// The civil date of a day counted from 1970-01-01; the year is taken to begin in March.
    private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension HTTPEvent {
    private static let account = "123456789012"
    private static let api = "api-id"
    private static let domain = "id.execute-api.us-east-1.amazonaws.com"

    /// The event as API Gateway would send it.
    ///
    /// - Parameters:
    ///   - version: The payload's version.
    ///   - time: When the event was made.
    ///   - routeKey: The route that was matched, as `GET /api/products/{product}`; `$default` for any.
    /// - Returns: The payload; a body that is no text is in Base64.
    package func json(version: PayloadVersion, time: EventTime, routeKey: String = "$default") -> JSONValue {
        switch version {
        case .two: payloadTwo(time: time, routeKey: routeKey)
        case .one: payloadOne(time: time, routeKey: routeKey)
        }
    }

    /// Version 2.0: repeated headers and parameters are joined by commas, cookies stand apart.
    private func payloadTwo(time: EventTime, routeKey: String) -> JSONValue {
        let cookies: [String] = values(ofHeader: "cookie").flatMap { $0.split(separator: ";").map(String.init) }
            .map { String($0.drop { $0 == " " }) }
            .filter { !$0.isEmpty }
        let plain = headers.filter { $0.name.lowercased() != "cookie" }.map { Field($0.name.lowercased(), $0.value) }
        let parameters = PercentEncoding.parameters(ofQuery: query)
        var event = JSONObject([
            ("version", "2.0"), ("routeKey", .string(routeKey)), ("rawPath", .string(path)),
            ("rawQueryString", .string(query)),
        ])
        if !cookies.isEmpty { event["cookies"] = .array(cookies.map { .string($0) }) }
        event["headers"] = Self.joined(plain)
        if !parameters.isEmpty { event["queryStringParameters"] = Self.joined(parameters) }
        event["requestContext"] = .object(
            JSONObject([
                ("accountId", .string(Self.account)), ("apiId", .string(Self.api)),
                ("domainName", .string(values(ofHeader: "host").first ?? Self.domain)), ("domainPrefix", "id"),
                (
                    "http",
                    .object(
                        JSONObject([
                            ("method", .string(method)), ("path", .string(path)), ("protocol", "HTTP/1.1"),
                            ("sourceIp", .string(sourceAddress)),
                            ("userAgent", .string(values(ofHeader: "user-agent").first ?? "")),
                        ])
                    )
                ),
                ("requestId", .string(requestID)), ("routeKey", .string(routeKey)), ("stage", "$default"),
                ("time", .string(time.text)), ("timeEpoch", .int(time.milliseconds)),
            ])
        )
        if !pathParameters.isEmpty { event["pathParameters"] = Self.joined(pathParameters) }
        Self.set(body, in: &event)
        return .object(event)
    }

    /// Version 1.0: each header and parameter once with its last value, and again with all of them.
    private func payloadOne(time: EventTime, routeKey: String) -> JSONValue {
        let parameters = PercentEncoding.parameters(ofQuery: query)
        let resource = routeKey.split(separator: " ").last.map(String.init) ?? "$default"
        var event = JSONObject([
            ("version", "1.0"), ("resource", .string(resource == "$default" ? path : resource)),
            ("path", .string(path)), ("httpMethod", .string(method)), ("headers", Self.last(headers)),
            ("multiValueHeaders", Self.all(headers)),
            ("queryStringParameters", parameters.isEmpty ? .null : Self.last(parameters)),
            ("multiValueQueryStringParameters", parameters.isEmpty ? .null : Self.all(parameters)),
        ])
        let identity = JSONObject([
            ("accessKey", .null), ("accountId", .null), ("caller", .null), ("sourceIp", .string(sourceAddress)),
            ("user", .null), ("userAgent", .string(values(ofHeader: "user-agent").first ?? "")), ("userArn", .null),
        ])
        event["requestContext"] = .object(
            JSONObject([
                ("accountId", .string(Self.account)), ("apiId", .string(Self.api)),
                ("domainName", .string(values(ofHeader: "host").first ?? Self.domain)), ("domainPrefix", "id"),
                ("extendedRequestId", .string(requestID)), ("httpMethod", .string(method)),
                ("identity", .object(identity)), ("path", .string(path)), ("protocol", "HTTP/1.1"),
                ("requestId", .string(requestID)), ("requestTime", .string(time.text)),
                ("requestTimeEpoch", .int(time.milliseconds)), ("resourceId", .null),
                ("resourcePath", event["resource"] ?? .null), ("stage", "$default"),
            ])
        )
        event["pathParameters"] = pathParameters.isEmpty ? .null : Self.joined(pathParameters)
        event["stageVariables"] = .null
        Self.set(body, in: &event)
        return .object(event)
    }

    /// Text stays text; anything else is Base64.
    private static func set(_ body: [UInt8], in event: inout JSONObject) {
        if body.isEmpty {
            event["isBase64Encoded"] = false
        } else if let text = String(validating: body, as: UTF8.self), !text.utf8.contains(0) {
            event["body"] = .string(text)
            event["isBase64Encoded"] = false
        } else {
            event["body"] = .string(Base64.encode(body))
            event["isBase64Encoded"] = true
        }
    }

    private static func grouped(_ fields: [Field]) -> [(name: String, values: [String])] {
        var groups: [(name: String, values: [String])] = []
        for field in fields {
            if let index = groups.firstIndex(where: { $0.name == field.name }) {
                groups[index].values.append(field.value)
            } else {
                groups.append((field.name, [field.value]))
            }
        }
        return groups
    }

    private static func joined(_ fields: [Field]) -> JSONValue {
        .object(JSONObject(grouped(fields).map { ($0.name, .string($0.values.joined(separator: ","))) }))
    }

    private static func last(_ fields: [Field]) -> JSONValue {
        .object(JSONObject(grouped(fields).map { ($0.name, .string($0.values.last ?? "")) }))
    }

    private static func all(_ fields: [Field]) -> JSONValue {
        .object(JSONObject(grouped(fields).map { ($0.name, .array($0.values.map { .string($0) })) }))
    }
}
