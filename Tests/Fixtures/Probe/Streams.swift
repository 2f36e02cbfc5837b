import FunctionKit

/// Answers `size` bytes at once.
struct BigResponse: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let size = try request.query.int("size", in: 0...(1 << 30)) ?? 1 << 20
        return .bytes((0..<size).map { UInt8(truncatingIfNeeded: $0 / 1_000) })
    }
}

/// Streams `count` pieces of `size` bytes, `ms` apart.
struct StreamOut: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let count = try request.query.int("count") ?? 10
        let size = try request.query.int("size") ?? 10
        let gap = try request.query.int("ms") ?? 0
        return .stream(contentType: "text/plain") { writer in
            for index in 0..<count {
                try await writer.write([UInt8](repeating: UInt8(ascii: "a") + UInt8(index % 26), count: size))
                if gap > 0 { try await Task.sleep(for: .milliseconds(gap)) }
            }
        }
    }
}

/// Streams a piece and then fails.
struct StreamThenThrow: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        .stream(contentType: "text/plain") { writer in
            try await writer.write("the beginning")
            throw ProbeError()
        }
    }
}

/// Streams until nobody listens any more.
struct StreamForever: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        .stream(contentType: "text/plain") { writer in
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10)
            while true { try await writer.write(piece) }
        }
    }
}

/// Answers without reading the body.
struct NeverReadBody: HTTPFunction {
    init(context: FunctionContext) {}

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse { .text("no need") }
}
