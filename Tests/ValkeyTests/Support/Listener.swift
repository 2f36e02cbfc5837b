import Foundation
import Testing

/// Accepts connections on a loopback port; says one thing to each, or nothing, and never reads.
final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32
    private let done = DispatchSemaphore(value: 0)
    private let accepted = Box(0)

    var connections: Int { accepted.current }

    init(greeting: String) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && listen(descriptor, 16) == 0
                    ? getsockname(descriptor, generic, &length) : -1
            }
        }
        try #require(status == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        let (accepted, done) = (accepted, done)
        Thread.detachNewThread {
            var open: [Int32] = []
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                accepted.update { $0 += 1 }
                open.append(connection)
                if !greeting.isEmpty { _ = greeting.withCString { write(connection, $0, strlen($0)) } }
            }
            for connection in open { close(connection) }
            done.signal()
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        done.wait()
        close(descriptor)
    }
}
