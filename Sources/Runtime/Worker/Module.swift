import Glibc
import WorkerProtocol

/// An executable of related handlers, as the mechanics in this target see it.
package struct Module: Sendable {
    /// The executable's name, for example `catalog`.
    package let name: String
    package let handlers: [HandlerDefinition]
    /// Writes a line about the process itself where its logs go.
    package let report: @Sendable (ReportLevel, _ message: String) -> Void

    package init(
        name: String,
        handlers: [HandlerDefinition],
        report: @escaping @Sendable (ReportLevel, _ message: String) -> Void
    ) {
        self.name = name
        self.handlers = handlers
        self.report = report
    }

    func handler(named name: String) -> HandlerDefinition? {
        handlers.first { $0.name == name }
    }
}

/// How much a report matters.
package enum ReportLevel: Sendable {
    case debug
    case info
    case warning
    case error
}

/// One handler of a module: its name, and how to make it ready.
package struct HandlerDefinition: Sendable {
    package let name: String
    /// Runs once in a worker, before it offers slots; what it throws ends the worker.
    package let start: @Sendable (WorkerIdentity) async throws -> Handler

    package init(name: String, start: @escaping @Sendable (WorkerIdentity) async throws -> Handler) {
        self.name = name
        self.start = start
    }
}

/// Answers one invocation.
///
/// An error that is thrown, other than `InvocationFailure`, is reported as `handlerThrew`.
package typealias Handler = @Sendable (WorkerInvocation) async throws -> WorkerResponse

/// Who a worker is.
package struct WorkerIdentity: Equatable, Sendable {
    package var workerID: String
    package var function: String
    package var handler: String
    package var revision: String
    /// How many invocations it runs at a time.
    package var concurrency: UInt16

    package init(workerID: String, function: String, handler: String, revision: String, concurrency: UInt16) {
        self.workerID = workerID
        self.function = function
        self.handler = handler
        self.revision = revision
        self.concurrency = concurrency
    }
    /// How it introduces itself to a gateway.
    func hello(token: String) -> Hello {
        Hello(
            token: token,
            workerID: workerID,
            function: function,
            revision: revision,
            concurrency: concurrency,
            pid: UInt32(getpid())
        )
    }
}
