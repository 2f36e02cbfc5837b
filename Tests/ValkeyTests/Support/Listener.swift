import Foundation
import LoopbackTestSupport

/// Accepts connections on a loopback port; says one thing to each, or nothing, and never reads.
final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32
    private let done = DispatchSemaphore(value: 0)
    private let accepted = Box(0)

    var connections: Int { accepted.current }

    init(greeting: String) throws {
        let (descriptor, port) = try listen()
        (self.descriptor, self.port) = (descriptor, port)
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
