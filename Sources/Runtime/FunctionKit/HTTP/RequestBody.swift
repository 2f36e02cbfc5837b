internal import Worker
internal import WorkerProtocol

/// A request's body: read it as pieces, as bytes, as text or as JSON; once.
///
/// As an `AsyncSequence` it gives pieces as they come in; the client is slowed down while nobody takes them.
public struct RequestBody: AsyncSequence, Sendable {
    /// A piece of the body.
    public typealias Element = [UInt8]

    private enum Source: Sendable {
        case invocation(WorkerInvocation)
        case bytes([UInt8])
    }

    /// What is read at most unless a limit is given: 1 MiB.
    public static let defaultLimit = 1 << 20

    private let source: Source
    private let contentType: String?

    init(_ invocation: WorkerInvocation) {
        source = .invocation(invocation)
        contentType = nil
    }

    init(bytes: [UInt8], contentType: String?) {
        source = .bytes(bytes)
        self.contentType = contentType
    }

    /// Starts reading.
    public func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .invocation(let invocation): AsyncIterator(source: .invocation(invocation))
        case .bytes(let bytes): AsyncIterator(source: .bytes(bytes))
        }
    }

    /// Reads the body piece by piece.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate enum Source {
            case invocation(WorkerInvocation)
            case bytes([UInt8])
        }

        fileprivate var source: Source

        /// The next piece, never empty, or nil at the end.
        ///
        /// - Throws: `CancellationError` when the invocation was cancelled.
        public mutating func next() async throws -> [UInt8]? {
            switch source {
            case .invocation(let invocation):
                return try await invocation.nextChunk()
            case .bytes(let bytes):
                source = .bytes([])
                return bytes.isEmpty ? nil : bytes
            }
        }
    }

    /// The whole body.
    ///
    /// - Throws: A `Problem` with status 413 when it has more than `limit` bytes.
    public func bytes(upTo limit: Int = defaultLimit) async throws -> [UInt8] {
        let whole: [UInt8]? =
            switch source {
            case .invocation(let invocation): invocation.takeWholeBody()
            case .bytes(let bytes): bytes
            }
        if let whole {
            guard whole.count <= limit else { throw Problem.contentTooLarge(limit: limit) }
            return whole
        }
        var all: [UInt8] = []
        for try await piece in self {
            guard all.count + piece.count <= limit else { throw Problem.contentTooLarge(limit: limit) }
            all.append(contentsOf: piece)
        }
        return all
    }

    /// The whole body as UTF-8 text.
    ///
    /// - Throws: A `Problem` with status 413 when it has more than `limit` bytes, 400 when it is not UTF-8.
    public func text(upTo limit: Int = defaultLimit) async throws -> String {
        guard let text = String(validating: try await bytes(upTo: limit), as: UTF8.self) else {
            throw Problem.badRequest("The body is not valid UTF-8.")
        }
        return text
    }

    /// The whole body decoded from JSON.
    ///
    /// - Throws: A `Problem`: 413 when the body has more than `limit` bytes; 415 when the request says that it is
    ///   something else than JSON; 400 when it is no JSON; 422 with the field's name when it is JSON of another shape.
    public func json<Value: Decodable>(
        as type: Value.Type = Value.self,
        upTo limit: Int = defaultLimit
    ) async throws -> Value {
        if let contentType = declaredType, !MediaType.isJSON(contentType) {
            throw Problem(
                status: .unsupportedMediaType,
                title: "Unsupported Media Type",
                detail: "The body must be application/json; it is '\(contentType)'."
            )
        }
        let bytes = try await bytes(upTo: limit)
        guard !bytes.isEmpty else { throw Problem.badRequest("The body is empty; JSON is needed.") }
        do {
            return try JSONCoder.decode(type, from: bytes)
        } catch {
            guard let mistake = JSONMistake(error) else { throw error }
            throw Problem.invalidJSON(mistake)
        }
    }

    private var declaredType: String? {
        switch source {
        case .invocation(let invocation): invocation.head.headers.first("content-type")
        case .bytes: contentType
        }
    }
}

/// The kinds of bodies, as `Content-Type` names them.
enum MediaType {
    /// `application/json`, or any type ending in `+json`, parameters aside.
    static func isJSON(_ value: String) -> Bool {
        if value == "application/json" { return true }
        let type = value.prefix { $0 != ";" && $0 != " " }.lowercased()
        return type == "application/json" || type.hasSuffix("+json")
    }
}
