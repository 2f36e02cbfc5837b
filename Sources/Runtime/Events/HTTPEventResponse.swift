package import JSON

/// What a function answered, as the payload 2.0 response that Lambda functions return.
package struct HTTPEventResponse: Sendable, Equatable {
    package var status: Int
    /// In order, `Set-Cookie` among them.
    package var headers: [HTTPEvent.Field]
    package var body: [UInt8]

    package init(status: Int, headers: [HTTPEvent.Field], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The response in JSON: repeated headers joined by commas, cookies apart, a body that is no text in Base64.
    package var json: JSONValue {
        var response = JSONObject([("statusCode", .int(status))])
        var joined: [(name: String, value: String)] = []
        var cookies: [JSONValue] = []
        for header in headers {
            let name = header.name.lowercased()
            if name == "set-cookie" {
                cookies.append(.string(header.value))
            } else if let index = joined.firstIndex(where: { $0.name == name }) {
                joined[index].value += ",\(header.value)"
            } else {
                joined.append((name, header.value))
            }
        }
        response["headers"] = .object(JSONObject(joined.map { ($0.name, .string($0.value)) }))
        if !cookies.isEmpty { response["cookies"] = .array(cookies) }
        if let text = String(validating: body, as: UTF8.self), !text.utf8.contains(0) {
            response["body"] = .string(text)
            response["isBase64Encoded"] = false
        } else {
            response["body"] = .string(Base64.encode(body))
            response["isBase64Encoded"] = true
        }
        return .object(response)
    }
}
