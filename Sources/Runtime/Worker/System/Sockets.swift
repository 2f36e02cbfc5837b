import Glibc
import Peering

/// Sockets and other descriptors.
enum Sockets {
    /// Connects a blocking stream socket to the Unix socket at `path`.
    static func connect(unix path: String) throws(SystemError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else {
            throw SystemError("connect \(path): the path has more than \(room - 1) bytes", code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                retrying { Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
        guard result == 0 else {
            let error = SystemError("connect \(path)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Connects a non-blocking stream socket over TCP.
    ///
    /// `end`: when to give up, on the monotonic clock.
    static func connect(to address: ResolvedAddress, until end: Int64) throws(SystemError) -> CInt {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.address, "\(address.port)", &hints, &list) == 0, let found = list?.pointee else {
            throw SystemError("connect \(address): this is no address", code: EINVAL)
        }
        defer { freeaddrinfo(list) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(found.ai_family, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            let result = retrying { Glibc.connect(descriptor, found.ai_addr, found.ai_addrlen) }
            if result != 0 {
                guard errno == EINPROGRESS else { throw SystemError("connect \(address)") }
                let events = try Poll.wait([.write(descriptor)], nanoseconds: end - MonotonicClock.now())
                guard events[0].canWrite else { throw SystemError("connect \(address)", code: ETIMEDOUT) }
                let code = option(descriptor, SOL_SOCKET, SO_ERROR)
                guard code == 0 else { throw SystemError("connect \(address)", code: code) }
            }
        } catch {
            close(descriptor)
            throw error
        }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        return descriptor
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    private static func option(_ descriptor: CInt, _ level: CInt, _ name: CInt) -> CInt {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : errno
    }

    /// Sends what the socket takes without waiting; nil when it takes nothing now.
    static func send(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let count = retrying { Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags) }
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
        throw SystemError("send")
    }

    /// Receives what is there without waiting; 0 at the end of the stream, nil when nothing is there.
    static func receive(_ descriptor: CInt, _ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let count = retrying { recv(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT)) }
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
        throw SystemError("receive")
    }

    /// Repeats a call that a signal interrupted.
    static func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }
}
