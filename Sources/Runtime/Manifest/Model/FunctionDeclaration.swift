package import Routing

/// A function as the manifest declares it.
package struct FunctionDeclaration: Sendable, Equatable {
    /// A DNS label, unique in the manifest.
    package var name: String
    /// The executable that holds the handler.
    package var module: String
    /// The handler's type name within the module.
    package var handler: String
    /// What invokes the function.
    package var trigger: Trigger
    /// How long an invocation may take, counted from its arrival.
    package var timeout: Duration
    /// How many invocations one worker runs at a time: its slots.
    package var concurrency: Int
    /// The most memory one worker may use, in bytes.
    package var memory: Int
    /// How many invocations may wait for a slot; 0 refuses what finds none.
    package var queue: Int
    /// The largest request body, in bytes.
    package var maxBody: Int
    /// Whether an invocation whose worker died may run once more.
    package var retry: RetryRule
    /// Variables of the worker's environment, in the order of the file, defaults first.
    package var environment: [EnvironmentVariable]
    /// How many workers, and when.
    package var scale: ScaleDeclaration

    package init(
        name: String,
        module: String,
        handler: String,
        trigger: Trigger,
        timeout: Duration = FunctionDeclaration.defaultTimeout,
        concurrency: Int = FunctionDeclaration.defaultConcurrency,
        memory: Int = FunctionDeclaration.defaultMemory,
        queue: Int = FunctionDeclaration.defaultQueue,
        maxBody: Int = FunctionDeclaration.defaultMaxBody,
        retry: RetryRule = .idempotent,
        environment: [EnvironmentVariable] = [],
        scale: ScaleDeclaration = ScaleDeclaration()
    ) {
        self.name = name
        self.module = module
        self.handler = handler
        self.trigger = trigger
        self.timeout = timeout
        self.concurrency = concurrency
        self.memory = memory
        self.queue = queue
        self.maxBody = maxBody
        self.retry = retry
        self.environment = environment
        self.scale = scale
    }

    package static let defaultTimeout = Duration.seconds(10)
    package static let defaultConcurrency = 32
    package static let defaultMemory = 128 << 20
    package static let defaultQueue = 1_000
    package static let defaultMaxBody = 6 << 20
}

/// What invokes a function.
package enum Trigger: Sendable, Equatable {
    /// Requests that match a route.
    case http(RoutePattern)
    /// The passing of time.
    case schedule(Schedule)

    /// The route, when requests invoke the function.
    package var route: RoutePattern? {
        guard case .http(let route) = self else { return nil }
        return route
    }
}

/// Whether an invocation whose worker died before it answered may run once more, on another slot.
package enum RetryRule: String, Sendable, CaseIterable {
    /// When its event is idempotent: by its method, or by an `Idempotency-Key`.
    case idempotent
    /// Never.
    case never
}

/// A variable of a worker's environment.
package struct EnvironmentVariable: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
