internal import Worker
internal import WorkerProtocol

/// An HTTP request as a function receives it.
///
/// Everything is decoded when it is asked for.
public struct HTTPRequest: Sendable {
    private let head: InvokeHead
    /// The body, read once.
    public let body: RequestBody

    /// The method, such as `GET`; methods are case-sensitive.
    public var method: String { head[.method] }
    /// The path as it came, percent-encoded.
    public var path: String { head[.path] }
    /// What follows `?` as it came, without the mark; empty when there was none.
    public var rawQuery: String { head[.query] }
    /// The query's parameters, decoded.
    public var query: QueryParameters { QueryParameters(rawQuery) }
    /// The headers in order.
    public var headers: HTTPHeaders { HTTPHeaders(head.headers) }
    /// The values of the route's `{name}` segments.
    public var pathParameters: PathParameters { PathParameters(head.parameters) }
    /// The pattern of the route that matched, such as `/api/products/{product}`.
    public var route: String { head[.route] }
    /// The client's address, without port.
    public var clientAddress: String { head[.clientAddress] }
    /// The cookies by name, as they came (not percent-decoded).
    public var cookies: [String: String] { Cookies.parse(head.headers.all("cookie")) }

    init(_ invocation: WorkerInvocation) {
        head = invocation.head
        body = RequestBody(invocation)
    }

    /// Puts a request together, for tests of a function.
    ///
    /// - Throws: when it is too large to be sent (1 MiB).
    public init(
        method: String = "GET",
        path: String,
        query: String = "",
        pathParameters: [(name: String, value: String)] = [],
        headers: HTTPHeaders = [:],
        route: String = "",
        clientAddress: String = "127.0.0.1",
        body: [UInt8] = []
    ) throws {
        var message = InvokeMessage(method: method, path: path)
        message.query = query
        message.route = route
        message.parameters = pathParameters
        message.headers = Array(headers)
        message.clientAddress = clientAddress
        head = try InvokeHead(message)
        self.body = RequestBody(bytes: body, contentType: headers["content-type"])
    }
}
