import FunctionKit
import Glibc

extension HTTPRequest {
    /// The query parameter `ms`.
    fileprivate var milliseconds: Int {
        get throws { try query.int("ms", in: 0...600_000) ?? 1_000 }
    }
}

/// Sleeps for `ms`, and can be cancelled.
struct Sleep: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await Task.sleep(for: .milliseconds(request.milliseconds))
        return .text("slept")
    }
}

/// Suspends for `ms` whether it is cancelled or not.
struct IgnoreCancellation: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let milliseconds = try request.milliseconds
        await Task.detached { try? await Task.sleep(for: .milliseconds(milliseconds)) }.value
        return .text("done all the same")
    }
}

/// Keeps a thread busy for `ms`, looking at nothing.
struct BusyLoop: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let end = ContinuousClock.now + .milliseconds(try request.milliseconds)
        var turns = 0
        while ContinuousClock.now < end { turns += 1 }
        return .text("\(turns)")
    }
}

/// Blocks a thread for ever.
struct BlockForever: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        while true { pause() }
    }
}

/// Takes three seconds to start.
struct SlowStart: HTTPFunction {
    init(context: FunctionContext) async throws {
        try await Task.sleep(for: .seconds(3))
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { .text("started") }
}

/// Cannot start.
struct FailStart: HTTPFunction {
    init(context: FunctionContext) async throws {
        _ = try context.environment.string("A_VARIABLE_NOBODY_SETS")
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { .empty() }
}

/// Crashes while it starts.
struct CrashAtStart: HTTPFunction {
    init(context: FunctionContext) async throws {
        abort()
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { .empty() }
}

/// Never gets ready, though it could be cancelled.
struct HangAtStart: HTTPFunction {
    init(context: FunctionContext) async throws {
        try await Task.sleep(for: .seconds(3_600))
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { .empty() }
}
