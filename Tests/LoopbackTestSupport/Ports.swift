import Foundation

/// Something of the system that a test needs was not to be had.
package struct LoopbackError: Error, CustomStringConvertible {
    package let description: String
}

/// A socket bound to a port of the loopback, or of all addresses, which the system chooses where `port` is 0.
private func bound(
    port: UInt16 = 0,
    everywhere: Bool = false,
    isReused: Bool = false
) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    // Whoever listens on the port later can, though connections of this socket are still about.
    if isReused { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = everywhere ? 0 : UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    guard isBound else {
        let reason = String(cString: strerror(errno))
        close(descriptor)
        throw LoopbackError(description: "no port \(port == 0 ? "" : "\(port) ")to bind to: \(reason)")
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

/// Ports, each another, that nobody listened on a moment ago: on the loopback, or on any address.
package func freePorts(_ count: Int, everywhere: Bool = false) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
        let (descriptor, port) = try bound(everywhere: everywhere)
        sockets.append(descriptor)
        return port
    }
}

/// A port of the loopback that nobody listened on a moment ago.
package func freePort() throws -> Int { try freePorts(1)[0] }

/// A socket that listens on a port of the loopback; the caller closes it.
package func listen(port: UInt16 = 0, backlog: Int32 = 64) throws -> (descriptor: Int32, port: Int) {
    let (descriptor, port) = try bound(port: port, isReused: true)
    guard Glibc.listen(descriptor, backlog) == 0 else {
        close(descriptor)
        throw LoopbackError(description: "cannot listen on port \(port)")
    }
    return (descriptor, port)
}
