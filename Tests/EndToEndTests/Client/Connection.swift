import Glibc

/// A TCP connection to this machine that sends exactly the bytes it is told to.
final class Connection {
    /// What ended waiting for a reply.
    enum Ended: Error, CustomStringConvertible {
        /// The server closed the connection without a whole response; the bytes are what came of it.
        case closed(partial: Bool)
        case timedOut

        var description: String {
            switch self {
            case .closed(let partial): partial ? "closed within a response" : "closed without a response"
            case .timedOut: "no response in time"
            }
        }
    }

    private(set) var descriptor: CInt
    private var parser = ReplyParser()

    /// Connects; `receiveBuffer` is the socket's room in bytes for what was not read yet, small for a slow reader.
    init(address: String = "127.0.0.1", port: UInt16, receiveBuffer: Int32? = nil) throws {
        let host = address
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("socket: \(systemError())") }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, 16) }
        }
        guard result == 0 else {
            let error = systemError()
            close(descriptor)
            throw TestFailure("connect to \(host):\(port): \(error)")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Goes away as a client does that waits no longer; to be called no more afterwards.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends all of the bytes; false when the server does not take them any more.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>, within bound: Duration = .seconds(60)) -> Bool {
        let bytes = Array(bytes)
        let end = ContinuousClock.now + bound
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Self.flags)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                guard wait(for: POLLOUT, until: end) else { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(text.utf8) }

    /// How many bytes the server and the sockets take before they take no more for `pause`.
    func fill(upTo most: Int, pause: Duration) -> Int {
        let chunk = [UInt8](repeating: UInt8(ascii: "u"), count: 64 << 10)
        var sent = 0
        while sent < most {
            let count = chunk.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, min($0.count, most - sent), Self.flags)
            }
            if count > 0 {
                sent += count
            } else if count < 0, errno == EAGAIN {
                guard wait(for: POLLOUT, until: .now + pause) else { return sent }
            } else {
                return sent
            }
        }
        return sent
    }

    /// Says that nothing more is sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes it at once with a reset, whatever is still to be sent, as the kernel does for a client that was killed.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close(descriptor)
        descriptor = -1
    }

    /// The next response, interim ones (1xx) among them.
    func reply(to method: String = "GET", within bound: Duration = .seconds(60)) throws -> Reply {
        parser.expect(method)
        return try nextReply(within: bound)
    }

    /// The next response to a request that was spoken of before.
    func nextReply(within bound: Duration = .seconds(60)) throws -> Reply {
        let end = ContinuousClock.now + bound
        while true {
            if case .reply(let reply) = try parser.next() { return reply }
            guard wait(for: POLLIN, until: end) else { throw Ended.timedOut }
            let part = receive(64 << 10)
            if part.isEmpty {
                if let reply = parser.end() { return reply }
                throw Ended.closed(partial: !parser.isBetweenReplies)
            }
            parser.append(part)
        }
    }

    /// Everything that comes until the server closes the connection, or the bound is over.
    func outcome(within bound: Duration) -> (replies: [Reply], isClosed: Bool) {
        let end = ContinuousClock.now + bound
        var replies: [Reply] = []
        while true {
            do {
                replies.append(try nextReply(within: end - .now))
            } catch Ended.closed(partial: false) {
                return (replies, true)
            } catch {
                return (replies, false)
            }
        }
    }

    /// The bytes that are there, up to `most`; none at the connection's end.
    func receive(_ most: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, most, 0))
        }
    }

    /// Whether the server closes the connection within the bound; what it sends before is thrown away.
    func isClosed(within bound: Duration) -> Bool {
        let end = ContinuousClock.now + bound
        while wait(for: POLLIN, until: end) {
            if receive(64 << 10).isEmpty { return true }
        }
        return false
    }

    private static let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)

    private func wait(for event: Int32, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = max(0, Int32((end - .now) / .milliseconds(1)))
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let ready = poll(&entry, 1, left)
            if ready > 0 { return true }
            if ready == 0 { return false }
            if errno != EINTR { return false }
        }
    }
}
