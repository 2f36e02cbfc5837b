import FunctionKit
import Glibc
import Synchronization

/// Answers at once.
struct Hello: HTTPFunction {
    private let response = HTTPResponse.text("hello")

    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { response }
}

/// Answers the body it gets, piece by piece while it comes in.
struct Echo: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let type = request.headers["content-type"] ?? "application/octet-stream"
        return .stream(contentType: type) { writer in
            for try await piece in request.body { try await writer.write(piece) }
        }
    }
}

/// Answers what it was told about the request and itself.
struct Inspect: HTTPFunction {
    private let context: FunctionContext

    init(context: FunctionContext) {
        self.context = context
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let body = try await request.body.bytes(upTo: 8 << 20)
        let variable = request.query["variable"] ?? "HOME"
        return try .json(
            [
                "method": .string(request.method),
                "path": .string(request.path),
                "rawQuery": .string(request.rawQuery),
                "query": .array(request.query.all.map { ["name": .string($0.name), "value": .string($0.value)] }),
                "headers": .array(request.headers.map { ["name": .string($0.name), "value": .string($0.value)] }),
                "parameters": .object(JSONObject(request.pathParameters.all.map { ($0.name, .string($0.value)) })),
                "cookies": .object(
                    JSONObject(request.cookies.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
                ),
                "route": .string(request.route),
                "clientAddress": .string(request.clientAddress),
                "bodySize": .int(body.count),
                "requestID": .string(invocation.requestID),
                "traceID": .string(invocation.trace.map { "\($0.traceID)" } ?? ""),
                "remainingMilliseconds": .int(Int(invocation.remaining / .milliseconds(1))),
                "isRetry": .bool(invocation.isRetry),
                "isIdempotent": .bool(invocation.isIdempotent),
                "function": .string(context.functionName),
                "worker": .string(context.workerID),
                "revision": .string(context.revision),
                "variable": context.environment[variable].map { .string($0) } ?? .null,
                "pid": .int(Int(getpid())),
                "thread": .string(Self.thread),
            ] as JSONValue
        )
    }
}

extension Inspect {
    /// The calling thread, as `PID/task/TID`.
    fileprivate static var thread: String {
        var target = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &target, target.count)
        return String(decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Answers how many times it was invoked in this worker.
struct Count: HTTPFunction {
    private final class Calls: Sendable {
        let number = Atomic<Int>(0)
    }

    private let calls = Calls()

    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        .text("\(calls.number.add(1, ordering: .relaxed).newValue)")
    }
}

/// Decodes an order and answers its total.
struct DecodeJSON: HTTPFunction {
    struct Order: Decodable {
        struct Line: Decodable {
            var quantity: Int
        }

        var lines: [Line]
    }

    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let order = try await request.body.json(as: Order.self)
        return try .json(["total": order.lines.map(\.quantity).reduce(0, +)])
    }
}

/// Writes records to the log.
struct Log: HTTPFunction {
    init(context: FunctionContext) {
        context.logger.info("starting")
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        invocation.logger.info("a line\nand another", metadata: ["size": "12"])
        return .empty()
    }
}

/// Prints a line, as one does to see what happens.
struct Print: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        print("a printed line")
        return .text("answered")
    }
}

/// Counts its calls in Valkey.
struct CountInValkey: HTTPFunction {
    private let context: FunctionContext

    init(context: FunctionContext) {
        self.context = context
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        .text("\(try await context.valkey.incrby("probe:calls", 1))")
    }
}

/// Counts its calls in Valkey; the first never comes back from there, and keeps its thread.
struct CountThenBlock: HTTPFunction {
    private let valkey: ValkeyClient

    init(context: FunctionContext) {
        valkey = context.valkey
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let count = try await valkey.incrby("probe:calls", 1)
        while count == 1 { pause() }
        return .text("\(count)")
    }
}

/// Stores a text of some megabytes in Valkey, reads it and answers whether it is the same.
struct StoreMuch: HTTPFunction {
    private let valkey: ValkeyClient

    init(context: FunctionContext) {
        valkey = context.valkey
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let key = "probe:much:\(invocation.id)"
        let text = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* Int(invocation.id) >> 3) }
        try await valkey.set(key, text)
        return .text("\(try await valkey.get(key, as: [UInt8].self) == text)")
    }
}

/// Adds one to the key `key` in Valkey, reads it again, and answers the key with both numbers.
struct Remember: HTTPFunction {
    private let valkey: ValkeyClient

    init(context: FunctionContext) {
        valkey = context.valkey
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let key = try request.pathParameters.require("key")
        let counted = try await valkey.incrby("probe:\(key)", 1)
        let read = try await valkey.get("probe:\(key)", as: Int.self) ?? 0
        return .text("\(key) \(counted) \(read)")
    }
}
