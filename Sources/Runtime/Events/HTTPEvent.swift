/// An HTTP event: what a function with a route receives.
///
/// In JSON it is the API Gateway HTTP API payload, version 2.0 or 1.0, so that events of AWS tools work here.
package struct HTTPEvent: Sendable, Equatable {
    /// A header or a parameter; order and repetition count.
    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var method: String
    /// The path as it stands in a request line, percent-encoded.
    package var path: String
    /// The query as it stands in a request line, percent-encoded, without its question mark.
    package var query: String
    /// The headers in order, cookies among them.
    package var headers: [Field]
    /// What the route's parameters matched, decoded.
    package var pathParameters: [Field]
    package var body: [UInt8]
    /// The client's address.
    package var sourceAddress: String
    package var requestID: String

    package init(
        method: String,
        path: String,
        query: String = "",
        headers: [Field] = [],
        pathParameters: [Field] = [],
        body: [UInt8] = [],
        sourceAddress: String = "127.0.0.1",
        requestID: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.pathParameters = pathParameters
        self.body = body
        self.sourceAddress = sourceAddress
        self.requestID = requestID
    }

    /// The values of a header, its name compared without case.
    package func values(ofHeader name: String) -> [String] {
        let name = name.lowercased()
        return headers.filter { $0.name.lowercased() == name }.map(\.value)
    }
}

/// The version of the API Gateway payload.
package enum PayloadVersion: String, Sendable, CaseIterable {
    case two = "2.0"
    case one = "1.0"
}

/// Why JSON is no HTTP event, and how to mend it.
package struct EventError: Error, Sendable, Equatable {
    package var message: String
    package var fix: String
}
