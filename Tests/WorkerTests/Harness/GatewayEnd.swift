import WorkerProtocol

/// The gateway's end of a worker's connection, as a test plays it.
final class GatewayEnd {
    let wire: Wire
    private var input: [UInt8] = []
    private var start = 0

    init(_ wire: Wire) {
        self.wire = wire
    }

    /// A worker's frame that owns its bytes.
    enum Received: Equatable {
        case hello(Hello)
        case offer(Int)
        case response(id: UInt32, Part)
        case responseBody(id: UInt32, isEnd: Bool, returnsSlot: Bool, [UInt8])
        case requestCredit(id: UInt32, Int)
        case failure(id: UInt32, returnsSlot: Bool, InvocationFailure)
        case leaving
        case startFailed(String)
        case pong
        case reclaim(Int)
        case end
    }

    struct Part: Equatable {
        var status: Int
        var headers: [String]
        var body: [UInt8]
        var isEnd: Bool
        var returnsSlot: Bool

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// A response whose pieces were put together.
    struct Whole: Equatable {
        var status = 0
        var headers: [String] = []
        var body: [UInt8] = []
        var failure: InvocationFailure?

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    // MARK: Sending

    func send(_ frames: GatewayFrame...) throws {
        var bytes: [UInt8] = []
        for frame in frames { try frame.append(to: &bytes) }
        try wire.send(bytes)
    }

    func invoke(_ id: UInt32, _ message: InvokeMessage) throws {
        var bytes: [UInt8] = []
        try message.append(id: id, to: &bytes)
        try wire.send(bytes)
    }

    func invoke(_ id: UInt32, query: String = "", remaining: Duration = .seconds(60)) throws {
        var message = InvokeMessage(method: "GET", path: "/")
        message.query = query
        message.remaining = remaining
        try invoke(id, message)
    }

    func sendBody(_ id: UInt32, _ body: [UInt8], isEnd: Bool) throws {
        var bytes: [UInt8] = []
        try body.withRawBytes { (body) throws(ProtocolViolation) in
            try GatewayFrame.requestBody(id: id, isEnd: isEnd, bytes: body).append(to: &bytes)
        }
        try wire.send(bytes)
    }

    // MARK: Receiving

    /// The next frame; `end` when the worker closed the connection.
    func next(within seconds: Double = 60) throws -> Received {
        let limit = ContinuousClock.now + .seconds(seconds)
        while true {
            if let frame = try decode() { return frame }
            let left = ContinuousClock.now.duration(to: limit) / .seconds(1)
            guard left > 0, let bytes = try wire.receive(within: left) else {
                throw ProbeProcess.Failed(description: "no frame within \(seconds) s")
            }
            if bytes.isEmpty { return .end }
            input.removeFirst(start)
            start = 0
            input.append(contentsOf: bytes)
        }
    }

    /// Whether nothing comes for a while.
    func isQuiet(for seconds: Double) throws -> Bool {
        guard try decode(peeking: true) == nil else { return false }
        return try wire.receive(within: seconds) == nil
    }

    private func decode(peeking: Bool = false) throws -> Received? {
        try input[start...].withUnsafeBytes { bytes -> Received? in
            guard let (frame, size) = try WorkerFrame.decode(bytes) else { return nil }
            if !peeking { start += size }
            switch frame {
            case .hello(let hello): return .hello(hello)
            case .offer(let slots): return .offer(Int(slots))
            case .response(let id, let view):
                let headers = view.headers.map {
                    "\(String(decoding: $0.name, as: UTF8.self)): \(String(decoding: $0.value, as: UTF8.self))"
                }
                let part = Part(
                    status: Int(view.status),
                    headers: headers,
                    body: [UInt8](view.body),
                    isEnd: view.isEnd,
                    returnsSlot: view.returnsSlot
                )
                return .response(id: id, part)
            case .responseBody(let id, let isEnd, let returnsSlot, let bytes):
                return .responseBody(id: id, isEnd: isEnd, returnsSlot: returnsSlot, [UInt8](bytes))
            case .requestCredit(let id, let bytes): return .requestCredit(id: id, Int(bytes))
            case .failure(let id, let returnsSlot, let failure):
                return .failure(id: id, returnsSlot: returnsSlot, failure)
            case .leaving: return .leaving
            case .startFailed(let message): return .startFailed(message)
            case .pong: return .pong
            case .reclaim(let slots): return .reclaim(Int(slots))
            }
        }
    }

    /// Receives a whole response, giving credit for what came in.
    func response(_ id: UInt32, within seconds: Double = 60) throws -> Whole {
        var whole = Whole()
        while true {
            switch try next(within: seconds) {
            case .response(id, let part):
                whole.status = part.status
                whole.headers = part.headers
                whole.body = part.body
                if part.returnsSlot { return whole }
                if !part.body.isEmpty { try send(.responseCredit(id: id, bytes: UInt32(part.body.count))) }
            case .responseBody(id, let isEnd, let returnsSlot, let bytes):
                whole.body.append(contentsOf: bytes)
                if returnsSlot { return whole }
                if !bytes.isEmpty, !isEnd { try send(.responseCredit(id: id, bytes: UInt32(bytes.count))) }
            case .failure(id, _, let failure):
                whole.failure = failure
                return whole
            case .requestCredit:
                continue
            case let other:
                throw ProbeProcess.Failed(description: "expected the response of \(id), got \(other)")
            }
        }
    }

    /// Greets a worker: takes its hello and its offer.
    @discardableResult
    func welcome(within seconds: Double = 60) throws -> Hello {
        guard case .hello(let hello) = try next(within: seconds) else {
            throw ProbeProcess.Failed(description: "the first frame is no hello")
        }
        try send(.welcome(Welcome()))
        guard case .offer(Int(hello.concurrency)) = try next(within: seconds) else {
            throw ProbeProcess.Failed(description: "no offer of \(hello.concurrency) slots")
        }
        return hello
    }
}

/// A worker of the probe that serves over one end of a socket pair.
struct DirectWorker {
    let process: ProbeProcess
    let gateway: GatewayEnd

    init(_ handler: String, concurrency: Int = 1, environment: [String] = [], welcomed: Bool = true) throws {
        let (wire, other) = try Wire.pair()
        defer { closeDescriptor(other) }
        process = try ProbeProcess(
            [
                "--function", "test-function", "--handler", handler, "--fd", "7", "--worker-id", "w1",
                "--token", "secret", "--revision", "r1", "--concurrency", "\(concurrency)",
            ],
            inherit: [(other, 7)],
            environment: environment
        )
        gateway = GatewayEnd(wire)
        if welcomed { try gateway.welcome() }
    }
}
