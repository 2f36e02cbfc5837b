/// What a function has when it is made ready: who it is, and the services it may use.
public struct FunctionContext: Sendable {
    /// The function's name in `functions.yaml`.
    public let functionName: String
    /// The name of the worker process it runs in.
    public let workerID: String
    /// The build and configuration it runs with.
    public let revision: String
    /// How many invocations run at a time at most.
    public let concurrency: Int
    /// The process's environment.
    public let environment: Environment
    /// Logs with the function's and the worker's name.
    public let logger: Logger

    /// Puts a context together, for tests of a function.
    public init(
        functionName: String,
        workerID: String = "test",
        revision: String = "",
        concurrency: Int = 1,
        environment: Environment = .process,
        logger: Logger? = nil
    ) {
        self.functionName = functionName
        self.workerID = workerID
        self.revision = revision
        self.concurrency = concurrency
        self.environment = environment
        self.logger = logger ?? Logger.function(functionName, worker: workerID)
    }
}
