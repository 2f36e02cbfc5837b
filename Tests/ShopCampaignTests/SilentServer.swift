import Glibc
import LoopbackTestSupport

/// Listens on a port of loopback and never answers: the system takes connections in, and nobody reads them.
final class SilentServer: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        (descriptor, port) = try listen()
    }

    deinit {
        close(descriptor)
    }
}
