package import Scaling
package import WorkerProtocol

/// What is to run: every function with its module and limits.
package struct LaunchPlan: Sendable {
    package var functions: [LaunchedFunction]

    package init(functions: [LaunchedFunction]) {
        self.functions = functions
    }
}

/// How a function's workers are made.
package struct LaunchedFunction: Sendable {
    package var name: String
    /// The handler type's name in its module.
    package var handler: String
    /// The module's executable.
    package var module: ModuleFile
    package var concurrency: Int
    /// Bytes a worker may hold.
    package var memory: Int
    package var environment: [Spawn.Variable]
    package var scale: Scaling.PoolLimits
    package var policy: PolicyChoice
    /// What the schedule keeps from when on.
    package var floors: [ScheduledFloor]
    /// How long a leaving worker may take: no invocation is longer.
    package var drainTimeout: Duration
    /// Changes with anything a running worker can not take over.
    package var revision: String

    package init(
        name: String,
        handler: String,
        module: ModuleFile,
        concurrency: Int,
        memory: Int,
        environment: [Spawn.Variable],
        scale: Scaling.PoolLimits,
        policy: PolicyChoice,
        floors: [ScheduledFloor] = [],
        drainTimeout: Duration,
        revision: String
    ) {
        self.name = name
        self.handler = handler
        self.module = module
        self.concurrency = concurrency
        self.memory = memory
        self.environment = environment
        self.scale = scale
        self.policy = policy
        self.floors = floors
        self.drainTimeout = drainTimeout
        self.revision = revision
    }
}

/// A module's executable as it was when it was looked at.
package struct ModuleFile: Hashable, Sendable {
    package var name: String
    package var path: String
    /// Changes when the file does: its device, inode, size and time.
    package var identity: String

    package init(name: String, path: String, identity: String) {
        self.name = name
        self.path = path
        self.identity = identity
    }
}
