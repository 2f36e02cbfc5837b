import FunctionKit
import Glibc

struct ProbeError: Error, CustomStringConvertible {
    var description: String { "the secret reason" }
}

/// Throws an error that is no problem.
struct Throw: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { throw ProbeError() }
}

/// Throws a problem.
struct ThrowProblem: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        throw Problem.unprocessable("Two fields.", errors: [.init(pointer: "/a", detail: "is missing")])
    }
}

/// Answers a header that would split the response.
struct BadHeader: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        .text("x", headers: ["x-bad": "a\r\nset-cookie: b"])
    }
}

/// Answers a status that is not final.
struct BadStatus: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { .empty(status: 101) }
}

/// Crashes under its invocation.
struct Crash: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { abort() }
}

/// Leaves in the middle of an invocation.
struct ExitNow: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        _exit(Int32(try request.query.int("code") ?? 0))
    }
}

/// Holds `mib` mebibytes for `ms` milliseconds.
struct AllocateMemory: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let mebibytes = try request.query.int("mib", in: 0...65_536) ?? 64
        var blocks: [[UInt8]] = []
        for _ in 0..<mebibytes { blocks.append([UInt8](repeating: 1, count: 1 << 20)) }
        try await Task.sleep(for: .milliseconds(request.query.int("ms") ?? 0))
        return .text("\(blocks.reduce(0) { $0 + $1.count })")
    }
}
