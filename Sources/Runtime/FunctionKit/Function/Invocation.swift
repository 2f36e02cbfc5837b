/// One invocation under way: its identity, its deadline and its logger.
public struct Invocation: Sendable {
    /// The number of the invocation in its worker; unique there while it is under way.
    public let id: UInt32
    /// The request's id, from the client's `X-Request-Id` or made by the gateway.
    public let requestID: String
    /// Where the invocation stands in a distributed trace, when the caller said so.
    public let trace: TraceContext?
    /// When the task is cancelled.
    public let deadline: ContinuousClock.Instant
    /// Whether a worker died under this event before: what it did may be done already.
    public let isRetry: Bool
    /// Whether doing it twice does no harm, as far as the gateway can tell.
    public let isIdempotent: Bool

    private let base: Logger

    /// The time left until the deadline; zero when it has passed.
    public var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: deadline)) }

    /// Logs with the request's id, and the trace's where there is one.
    public var logger: Logger {
        var logger = base
        logger[metadataKey: "requestId"] = "\(requestID)"
        if let trace { logger[metadataKey: "traceId"] = "\(trace.traceID)" }
        return logger
    }

    /// Puts an invocation together, for tests of a function.
    public init(
        id: UInt32 = 1,
        requestID: String = "test",
        trace: TraceContext? = nil,
        timeout: Duration = .seconds(10),
        isRetry: Bool = false,
        isIdempotent: Bool = false,
        logger: Logger? = nil
    ) {
        self.id = id
        self.requestID = requestID
        self.trace = trace
        self.isRetry = isRetry
        self.isIdempotent = isIdempotent
        deadline = ContinuousClock.now.advanced(by: timeout)
        base = logger ?? Logger.function("test", worker: "test")
    }
}
