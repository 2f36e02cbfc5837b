package import WorkerProtocol

/// What a handler answers.
package struct WorkerResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Writes the body piece by piece, after the head was sent.
        case stream(@Sendable (ResponseStream) async throws -> Void)
    }

    /// 200 to 599.
    package var status: UInt16
    package var headers: Fields
    package var body: Body

    package init(status: UInt16, headers: Fields, body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Takes a streamed body, waiting while the gateway has no room for more.
package struct ResponseStream: Sendable {
    let invocation: WorkerInvocation

    /// Sends bytes; returns once they are on their way.
    ///
    /// - Throws: `CancellationError` when nobody wants the response any more.
    package func write(_ bytes: [UInt8]) async throws {
        try await invocation.send(bytes, isEnd: false)
    }
}
