import Glibc
import Synchronization

/// A Valkey server of a test's own on a Unix socket, that can be killed and started again with its data.
final class ValkeyServer: Sendable {
    private let folder: TemporaryFolder
    private let process = Mutex<ChildProcess?>(nil)

    init() throws {
        folder = try TemporaryFolder()
        try start()
    }

    var url: String { "unix://\(folder("valkey.sock"))" }

    func kill() throws {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        running?.signal(SIGKILL)
        _ = try running?.end(within: .seconds(60))
    }

    /// Starts it; returns once it answers.
    func start() throws {
        let program =
            getenv("SHOPFN_VALKEY_SERVER").map { String(cString: $0) } ?? Programs.installed("valkey-server")
            ?? Programs.installed("redis-server")
        guard let program else {
            throw TestFailure("no valkey-server or redis-server on PATH; 'make test' installs one")
        }
        unlink(folder("valkey.sock"))
        let started = try ChildProcess(
            program,
            [
                "--port", "0", "--unixsocket", folder("valkey.sock"), "--dir", folder.path, "--appendonly", "yes",
                "--appendfsync", "always", "--save", "", "--daemonize", "no",
            ]
        )
        process.withLock { $0 = started }
        let path = folder("valkey.sock")
        try eventually("Valkey answers", state: started.text) { Self.answers(path) }
    }

    private static func answers(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { return false }
        var reply = [UInt8](repeating: 0, count: 7)
        return send(descriptor, "PING\r\n", 6, Int32(MSG_NOSIGNAL)) == 6
            && recv(descriptor, &reply, 7, Int32(MSG_WAITALL)) == 7 && reply.elementsEqual("+PONG\r\n".utf8)
    }
}
