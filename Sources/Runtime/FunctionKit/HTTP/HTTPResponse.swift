internal import Worker

/// What a function answers.
public struct HTTPResponse: Sendable {
    /// A response's body.
    public enum Body: Sendable {
        /// All of it.
        case bytes([UInt8])
        /// Written piece by piece after the head was sent; an error then cuts the response off.
        case stream(@Sendable (ResponseWriter) async throws -> Void)
    }

    /// The status, 200 to 599.
    public var status: HTTPStatus
    /// The headers.
    ///
    /// `Content-Length`, `Date` and the like are added by the gateway.
    public var headers: HTTPHeaders
    /// The body.
    public var body: Body

    /// Puts a response together.
    public init(status: HTTPStatus = .ok, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A value as JSON.
    ///
    /// - Throws: `EncodingError` when the value cannot be written as JSON.
    public static func json(
        _ value: some Encodable,
        status: HTTPStatus = .ok,
        headers: HTTPHeaders = [:]
    ) throws -> HTTPResponse {
        bytes(try JSONCoder.encode(value), contentType: "application/json", status: status, headers: headers)
    }

    /// Text as `text/plain; charset=utf-8`.
    public static func text(_ text: String, status: HTTPStatus = .ok, headers: HTTPHeaders = [:]) -> HTTPResponse {
        bytes(Array(text.utf8), contentType: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    /// Bytes of any type.
    ///
    /// A `Content-Type` among `headers` stands before `contentType`.
    public static func bytes(
        _ bytes: [UInt8],
        contentType: String = "application/octet-stream",
        status: HTTPStatus = .ok,
        headers: HTTPHeaders = [:]
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers.typed(contentType), body: .bytes(bytes))
    }

    /// A body written piece by piece.
    public static func stream(
        contentType: String = "application/octet-stream",
        status: HTTPStatus = .ok,
        headers: HTTPHeaders = [:],
        _ write: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers.typed(contentType), body: .stream(write))
    }

    /// No body; 204 unless told otherwise.
    public static func empty(status: HTTPStatus = .noContent, headers: HTTPHeaders = [:]) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers)
    }

    /// A problem as RFC 9457 describes it.
    public static func problem(_ problem: Problem) -> HTTPResponse {
        bytes(
            problem.body,
            contentType: "application/problem+json",
            status: problem.status,
            headers: problem.headers
        )
    }
}

/// Takes the pieces of a streamed response.
public struct ResponseWriter: Sendable {
    private let sink: @Sendable ([UInt8]) async throws -> Void

    init(_ sink: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.sink = sink
    }

    /// Sends bytes; waits while the client is slower than the function.
    ///
    /// - Throws: `CancellationError` when the client is gone or the deadline has passed.
    public func write(_ bytes: [UInt8]) async throws {
        try await sink(bytes)
    }

    /// Sends text as UTF-8.
    ///
    /// - Throws: `CancellationError` when the client is gone or the deadline has passed.
    public func write(_ text: String) async throws {
        try await sink(Array(text.utf8))
    }
}

extension HTTPResponse {
    /// The whole body, a streamed one collected; for tests of a function.
    ///
    /// - Throws: what the body's writer throws.
    public func collectBody() async throws -> [UInt8] {
        switch body {
        case .bytes(let bytes):
            return bytes
        case .stream(let write):
            let collected = Collector()
            try await write(ResponseWriter { await collected.append($0) })
            return await collected.bytes
        }
    }

    private actor Collector {
        var bytes: [UInt8] = []

        func append(_ piece: [UInt8]) {
            bytes.append(contentsOf: piece)
        }
    }
}

extension HTTPHeaders {
    fileprivate func typed(_ contentType: String) -> HTTPHeaders {
        guard self["content-type"] == nil else { return self }
        var headers = self
        headers.append("content-type", contentType)
        return headers
    }
}
