import Glibc

/// A blocking stream socket with bounded waits.
final class Wire: Sendable {
    let descriptor: CInt

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Two connected ends.
    ///
    /// The second is to be given away.
    static func pair() throws -> (Wire, CInt) {
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ProbeProcess.Failed(description: "socketpair: \(errno)")
        }
        return (Wire(ends[0]), ends[1])
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ProbeProcess.Failed(description: "send: \(errno)") }
            sent += count
        }
    }

    /// Waits for bytes; empty at the end of the stream, nil when the time is over.
    func receive(within seconds: Double) throws -> [UInt8]? {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&polled, 1, Int32(seconds * 1_000))
        guard ready > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count < 0 {
            guard errno == ECONNRESET else { throw ProbeProcess.Failed(description: "recv: \(errno)") }
            return []
        }
        return Array(bytes[..<count])
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }
}

/// A Unix socket that workers connect to.
final class Listener: Sendable {
    let path: String
    private let descriptor: CInt

    init() throws {
        path = "/tmp/shopfn-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 512) == 0 else {
            throw ProbeProcess.Failed(description: "listen on \(path): \(errno)")
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func accept(within seconds: Double = 60) throws -> Wire {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(seconds * 1_000)) > 0 else {
            throw ProbeProcess.Failed(description: "nobody connected to \(path) within \(seconds) s")
        }
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw ProbeProcess.Failed(description: "accept: \(errno)") }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        return Wire(accepted)
    }
}
