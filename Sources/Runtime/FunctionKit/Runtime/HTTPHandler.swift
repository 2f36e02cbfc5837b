internal import Worker
internal import WorkerProtocol

/// Runs a function in a worker: event in, response out, errors made into answers.
struct HTTPHandler<Function: HTTPFunction>: Sendable {
    private let function: Function
    private let logger: Logger

    static var definition: HandlerDefinition {
        HandlerDefinition(name: Function.handlerName) { identity in
            let context = try FunctionContext(
                functionName: identity.function,
                workerID: identity.workerID,
                revision: identity.revision,
                concurrency: Int(identity.concurrency)
            )
            let handler = HTTPHandler(function: try await Function(context: context), logger: context.logger)
            return { try await handler.answer($0) }
        }
    }

    private func answer(_ event: WorkerInvocation) async throws -> WorkerResponse {
        let invocation = Invocation(event, logger: logger)
        let response: HTTPResponse
        do {
            response = try await function.handle(HTTPRequest(event), invocation)
        } catch let problem as Problem {
            response = .problem(problem)
        } catch {
            // Whoever was cancelled may throw anything on its way out; nobody waits for the answer.
            if event.cancelReason != nil { throw error }
            invocation.logger.error("the handler threw: \(error)", metadata: ["error": "\(type(of: error))"])
            response = .problem(Problem(hiding: error))
        }
        return try encode(response, invocation)
    }

    private func encode(_ response: HTTPResponse, _ invocation: Invocation) throws -> WorkerResponse {
        var violation = response.headers.violation
        if !(200...599).contains(response.status.rawValue) {
            violation = "\(response.status.rawValue) is no final status (200 to 599)"
        }
        if let violation {
            invocation.logger.error("the handler's response cannot be sent: \(violation)")
            throw InvocationFailure(code: .badResponse, message: violation)
        }
        return WorkerResponse(
            status: UInt16(truncatingIfNeeded: response.status.rawValue),
            headers: response.headers.fields,
            body: body(of: response, invocation)
        )
    }

    private func body(of response: HTTPResponse, _ invocation: Invocation) -> WorkerResponse.Body {
        switch response.body {
        case .bytes(let bytes):
            return .bytes(bytes)
        case .stream(let write):
            return .stream { stream in
                do {
                    try await write(ResponseWriter { try await stream.write($0) })
                } catch {
                    if !(error is CancellationError) {
                        invocation.logger.error("a streamed response broke off: \(error)")
                    }
                    throw error
                }
            }
        }
    }
}

extension Invocation {
    fileprivate init(_ event: WorkerInvocation, logger: Logger) {
        let head = event.head
        self.init(
            id: event.id,
            requestID: head[.requestID],
            trace: head.withBytes(of: .traceparent) {
                $0.isEmpty ? nil : TraceContext(traceparent: $0, tracestate: head[.tracestate])
            },
            timeout: event.remaining,
            isRetry: head.flags.contains(.retried),
            isIdempotent: head.flags.contains(.idempotent),
            logger: logger
        )
    }
}
