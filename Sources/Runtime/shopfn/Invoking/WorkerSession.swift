import CShims
import Events
import Glibc
import LocalLauncher
import Manifest
import Text
import WorkerProtocol

/// One worker process for one invocation, spoken to over a socket as a gateway does it.
struct WorkerSession {
    /// Why there is no response.
    enum Failure: Error {
        case notStarted(String)
        case deadlinePassed
        case died(String)
        case failed(String)
    }

    private let socket: Int32
    private let child: pid_t
    private let deadline: Deadline
    private var unread: [UInt8] = []

    /// Starts the worker.
    ///
    /// `environment`: Variables besides those of this process and of the function's declaration.
    init(_ function: FunctionDeclaration, executable: String, environment: [EnvironmentVariable]) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .notStarted(String(cString: strerror(errno)))
        }
        for variable in environment + function.environment { setenv(variable.name, variable.value, 1) }
        let arguments = [
            executable, "--function", function.name, "--handler", function.handler, "--fd", "3",
            "--worker-id", "\(function.name)-invoke", "--concurrency", "1",
        ]
        // What the handler prints joins the logs: on standard output stands the response alone.
        var options = shopfn_spawn_options(descriptor3: ends[1], output: STDERR_FILENO, parent_death_signal: 0)
        var child: pid_t = 0
        let error = withStrings(arguments) { shopfn_spawn(executable, $0, environ, &options, &child) }
        close(ends[1])
        guard error == 0 else {
            close(ends[0])
            throw .notStarted("\(executable) can not be run: \(String(cString: strerror(error)))")
        }
        socket = ends[0]
        self.child = child
        deadline = Deadline(after: function.timeout)
    }

    /// Hands the event to the worker and waits for the whole response.
    mutating func invoke(_ message: InvokeMessage) throws(Failure) -> HTTPEventResponse {
        var message = message
        message.remaining = deadline.left
        var response: HTTPEventResponse?
        var rest = message.body[...]
        while true {
            for frame in try receive() {
                switch frame {
                case .hello:
                    try send { (out) throws(ProtocolViolation) in try GatewayFrame.welcome(Welcome()).append(to: &out) }
                case .ready:
                    let first = rest.prefix(ProtocolLimits.initialWindow)
                    rest = rest.dropFirst(first.count)
                    message.body = Array(first)
                    message.endsBody = rest.isEmpty
                    try send { (out) throws(ProtocolViolation) in try message.append(id: 1, to: &out) }
                case .startFailed(let reason):
                    throw .notStarted(reason)
                case .credit(let bytes):
                    let part = Array(rest.prefix(bytes))
                    rest = rest.dropFirst(part.count)
                    let isEnd = rest.isEmpty
                    try send { (out) throws(ProtocolViolation) in
                        try part.withRawBytes { (bytes) throws(ProtocolViolation) in
                            try GatewayFrame.requestBody(id: 1, isEnd: isEnd, bytes: bytes).append(to: &out)
                        }
                    }
                case .head(let head, let isEnd):
                    response = head
                    if isEnd { return head }
                    try pay(head.body.count)
                case .more(let bytes, let isEnd):
                    response?.body += bytes
                    if isEnd, let response { return response }
                    try pay(bytes.count)
                case .failed(let reason):
                    throw .failed(reason)
                }
            }
        }
    }

    /// Ends the worker.
    func end() {
        close(socket)
        let patience = Deadline(after: .seconds(2))
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            if patience.hasPassed { kill(child, SIGKILL) }
            usleep(500)
        }
    }

    // MARK: Frames

    private enum Event {
        case hello
        case ready
        case startFailed(String)
        case credit(Int)
        case head(HTTPEventResponse, isEnd: Bool)
        case more([UInt8], isEnd: Bool)
        case failed(String)
    }

    private func pay(_ bytes: Int) throws(Failure) {
        guard bytes > 0 else { return }
        try send { (out) throws(ProtocolViolation) in
            try GatewayFrame.responseCredit(id: 1, bytes: UInt32(clamping: bytes)).append(to: &out)
        }
    }

    private func send(_ write: (inout [UInt8]) throws(ProtocolViolation) -> Void) throws(Failure) {
        var out: [UInt8] = []
        do { try write(&out) } catch { throw .failed("the event is too large: \(error)") }
        var sent = 0
        while sent < out.count {
            let count = out[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else if errno != EINTR { throw .died(obituary()) }
        }
    }

    private mutating func receive() throws(Failure) -> [Event] {
        var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let ready = Glibc.poll(&poll, 1, deadline.milliseconds)
        if ready == 0 { throw .deadlinePassed }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(socket, &chunk, chunk.count)
        if count < 0, errno == EINTR { return [] }
        guard count > 0 else { throw .died(obituary()) }
        unread += chunk[..<count]
        var events: [Event] = []
        do {
            let used = try unread.withRawBytes { (bytes) throws(ProtocolViolation) in
                var offset = 0
                while let (frame, size) = try WorkerFrame.decode(UnsafeRawBufferPointer(rebasing: bytes[offset...])) {
                    offset += size
                    if let event = Self.event(frame) { events.append(event) }
                }
                return offset
            }
            unread.removeFirst(used)
        } catch {
            throw .failed("the worker speaks another protocol: \(error)")
        }
        return events
    }

    private static func event(_ frame: WorkerFrame) -> Event? {
        switch frame {
        case .hello: .hello
        case .offer: .ready
        case .startFailed(let message): .startFailed(message)
        case .requestCredit(_, let bytes): .credit(Int(bytes))
        case .response(_, let view):
            .head(
                HTTPEventResponse(
                    status: Int(view.status),
                    headers: view.headers.map {
                        HTTPEvent.Field(
                            String(decoding: $0.name, as: UTF8.self),
                            String(decoding: $0.value, as: UTF8.self)
                        )
                    },
                    body: [UInt8](view.body)
                ),
                isEnd: view.isEnd
            )
        case .responseBody(_, let isEnd, _, let bytes): .more([UInt8](bytes), isEnd: isEnd)
        case .failure(_, _, let failure): .failed(failure.message)
        case .leaving, .pong, .reclaim: nil
        }
    }

    /// What became of the process, to follow "the worker".
    private func obituary() -> String {
        let patience = Deadline(after: .seconds(1))
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            guard !patience.hasPassed else { return "closed its connection" }
            usleep(500)
        }
        let signal = status & 0x7F
        return signal == 0 ? "exited with code \(status >> 8 & 0xFF)" : "was ended by \(SignalText.text(signal))"
    }
}
