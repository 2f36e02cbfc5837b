package import JSON

/// What an admin port answers to one request.
package struct AdminAnswer: Sendable {
    var status = 200
    var type = "text/plain; charset=utf-8"
    var body: [UInt8]

    /// A line of text.
    package init(_ text: String, status: Int = 200) {
        self.status = status
        body = [UInt8]((text + "\n").utf8)
    }

    /// A document.
    ///
    /// - Throws: where the value is none in JSON, such as a number that is infinite.
    package init(_ json: JSONValue) throws {
        type = "application/json"
        body = try json.serialized(.pretty)
    }

    /// This answer with more text behind it.
    package func followed(by text: String) -> AdminAnswer {
        var answer = self
        answer.body += text.utf8
        return answer
    }

    /// Metrics in Prometheus' text format, version 0.0.4.
    package init(metrics: String) {
        type = "text/plain; version=0.0.4; charset=utf-8"
        body = [UInt8](metrics.utf8)
    }
}
