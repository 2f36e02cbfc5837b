internal import Worker

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

    private let services: Services

    /// The client of the Valkey at `VALKEY_URL`, shared by all that runs in this worker; connected at first use.
    public var valkey: ValkeyClient { services.valkey }

    /// Puts a context together, for tests of a function.
    ///
    /// - Throws: `EnvironmentError` when the environment's `VALKEY_URL` cannot be used.
    public init(
        functionName: String,
        workerID: String = "test",
        revision: String = "",
        concurrency: Int = 1,
        environment: Environment = .process,
        logger: Logger? = nil
    ) throws {
        self.functionName = functionName
        self.workerID = workerID
        self.revision = revision
        self.concurrency = concurrency
        self.environment = environment
        let logger = logger ?? Logger.function(functionName, worker: workerID)
        self.logger = logger
        services = try Services(environment, logger: logger, host: TurnHost.current)
    }
}
