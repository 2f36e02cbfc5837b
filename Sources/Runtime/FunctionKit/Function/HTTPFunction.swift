/// A function that answers HTTP requests.
///
/// One value of it serves all invocations of a worker, several at a time: what it holds must be safe to share.
public protocol HTTPFunction: Sendable {
    /// The name `functions.yaml` knows the handler by. The type's name, unless told otherwise.
    static var handlerName: String { get }

    /// Makes the function ready; runs once in every worker, before the first invocation.
    ///
    /// What it throws ends the worker, and its description is reported as the reason.
    init(context: FunctionContext) async throws

    /// Answers one request.
    ///
    /// The task is cancelled at the invocation's deadline and when the client goes away.
    ///
    /// - Throws: A `Problem` is answered as it says. Any other error is logged, and answered with status 500 and a
    ///   body that tells nothing about it.
    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse
}

extension HTTPFunction {
    /// The name of the type.
    public static var handlerName: String { String(describing: Self.self) }
}
