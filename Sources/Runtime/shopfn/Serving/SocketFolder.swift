import Glibc
import LocalLauncher

/// The folder of the workers' socket: in `/tmp`, for a socket's path has room for 107 bytes only.
struct SocketFolder {
    let path: String

    private static let parent = "/tmp"
    private static let prefix = "shopfn-"
    private static let socketName = "workers.sock"
    /// A younger socket may be one whose server does not listen yet.
    private static let leastAge = 10

    /// A new folder that only this user may enter.
    ///
    /// - Throws: `CommandFailure` where `/tmp` can not be written.
    init() throws {
        var template = Array("\(Self.parent)/\(Self.prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                .unreachable,
                code: "no-socket-folder",
                "no folder for the workers' socket can be made in \(Self.parent): \(String(cString: strerror(errno)))",
                fix: "make \(Self.parent) writable"
            )
        }
        self.init(path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private init(path: String) {
        self.path = path
    }

    var socket: String { "\(path)/\(Self.socketName)" }

    func remove() {
        unlink(socket)
        rmdir(path)
    }

    /// Removes the folders of servers that were killed: this user's, with a socket on which nobody listens any more.
    static func removeStale() {
        for name in FileSystem.names(in: parent) where name.hasPrefix(prefix) && name.count == prefix.count + 6 {
            let folder = SocketFolder(path: "\(parent)/\(name)")
            if folder.isStale { folder.remove() }
        }
    }

    private var isStale: Bool {
        guard let status = FileStatus(of: socket, followsLinks: false), status.isSocket, status.owner == geteuid(),
            time(nil) - status.modified >= Self.leastAge, FileSystem.names(in: path) == [Self.socketName]
        else { return false }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8.prefix(107)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result != 0 && errno == ECONNREFUSED
    }
}
