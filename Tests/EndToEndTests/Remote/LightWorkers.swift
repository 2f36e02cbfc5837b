import Glibc
import WorkerProtocol

/// Many workers in one thread: they speak the protocol and answer every invocation at once.
final class LightWorkers {
    private struct Worker {
        var descriptor: CInt
        var unread: [UInt8] = []
        var isWelcome = false
    }

    private var workers: [Worker] = []
    private let slots: UInt16
    private(set) var answered = 0

    /// Connects so many workers of a function and says hello for each.
    init(
        _ count: Int,
        function: String,
        slots: UInt16,
        token: String,
        address: String,
        port: UInt16
    ) throws {
        self.slots = slots
        for number in 0..<count {
            let connection = try RawConnection(address: address, port: port)
            workers.append(Worker(descriptor: connection.descriptor))
            let hello = Hello(
                token: token,
                workerID: "light-\(number)",
                function: function,
                revision: "",
                concurrency: slots,
                pid: 1
            )
            try send(number) { try WorkerFrame.hello(hello).append(to: &$0) }
        }
    }

    deinit {
        for worker in workers { close(worker.descriptor) }
    }

    var welcomed: Int { workers.count { $0.isWelcome } }

    /// Reads and answers what there is, for at most so long.
    func work(for duration: Duration) throws {
        let end = ContinuousClock.now + duration
        var polled = workers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while ContinuousClock.now < end {
            guard poll(&polled, UInt(polled.count), 10) > 0 else { continue }
            for index in polled.indices where polled[index].revents != 0 { try receive(index) }
        }
    }

    private func receive(_ index: Int) throws {
        let part = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            count = max(0, recv(workers[index].descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT)))
        }
        guard !part.isEmpty else { throw TestFailure("worker \(index) was cut off") }
        workers[index].unread += part
        while true {
            let answer = try workers[index].unread.withUnsafeBytes { bytes -> (Int, UInt32?, Bool, Bool)? in
                guard let (frame, size) = try GatewayFrame.decode(bytes) else { return nil }
                switch frame {
                case .invoke(let id, _): return (size, id, false, false)
                case .welcome: return (size, nil, true, false)
                case .ping: return (size, nil, false, true)
                case .refuse(let refusal): throw TestFailure("refused: \(refusal.reason)")
                default: return (size, nil, false, false)
                }
            }
            guard let (size, invocation, isWelcome, isPing) = answer else { return }
            workers[index].unread.removeFirst(size)
            if isWelcome {
                workers[index].isWelcome = true
                let slots = slots
                try send(index) { try WorkerFrame.offer(slots: slots).append(to: &$0) }
            }
            if isPing { try send(index) { try WorkerFrame.pong.append(to: &$0) } }
            if let invocation {
                answered += 1
                try send(index) { out in
                    try Array("light".utf8).withUnsafeBytes { body in
                        let view = ResponseView(
                            isEnd: true,
                            returnsSlot: true,
                            status: 200,
                            headers: FieldsView(),
                            body: body
                        )
                        try WorkerFrame.response(id: invocation, view).append(to: &out)
                    }
                }
            }
        }
    }

    private func send(_ index: Int, _ encode: (inout [UInt8]) throws -> Void) throws {
        var bytes: [UInt8] = []
        try encode(&bytes)
        guard write(workers[index].descriptor, bytes, bytes.count) == bytes.count else {
            throw TestFailure("worker \(index) cannot send: \(systemError())")
        }
    }
}

/// A connected socket for bytes that are no HTTP; whoever takes the descriptor closes it.
struct RawConnection {
    let descriptor: CInt

    init(address: String, port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("socket: \(systemError())") }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = inet_addr(address)
        let result = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, 16) }
        }
        guard result == 0 else {
            close(descriptor)
            throw TestFailure("connect to \(address):\(port): \(systemError())")
        }
    }

    /// Sends bytes and gives what comes back until the other side closes, or the bound is over.
    func exchange(_ bytes: [UInt8], within bound: Duration) -> (bytes: [UInt8], isClosed: Bool) {
        _ = write(descriptor, bytes, bytes.count)
        let end = ContinuousClock.now + bound
        var all: [UInt8] = []
        while ContinuousClock.now < end {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 50) > 0 else { continue }
            let part = [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
                count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
            }
            if part.isEmpty { return (all, true) }
            all += part
        }
        return (all, false)
    }
}
