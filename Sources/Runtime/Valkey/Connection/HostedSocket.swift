import Glibc
import Synchronization
import Time

/// A socket that a host looks after, connected anew after each end.
///
/// Unchecked: all but `close` is called by the host, one call after the other; and `close` only leaves a note.
final class HostedSocket: Wire, @unchecked Sendable {
    /// What came of looking at it.
    enum Event {
        case nothing
        case replies([ValkeyValue])
        case ended(reason: String, after: [ValkeyValue])
    }

    private let path: String
    private var reader: ReplyReader?
    private(set) var descriptor: CInt = -1
    /// Bytes that the socket did not take, and how many of them it took since.
    private var unsent: [UInt8] = []
    private var sent = 0
    private let wantsToClose = Atomic<Bool>(false)
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    init(path: String) {
        self.path = path
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
        room.deallocate()
    }

    /// Connects, which a Unix socket does at once; returns why it does not.
    func connect() -> String? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return text(of: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let made = socket(AF_UNIX, kind, 0)
        guard made >= 0 else { return text(of: errno) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let reason = text(of: errno)
            Glibc.close(made)
            return reason
        }
        do {
            reader = try ReplyReader()
        } catch {
            Glibc.close(made)
            return error.message
        }
        descriptor = made
        wantsToClose.store(false, ordering: .relaxed)
        return nil
    }

    var isOpen: Bool { descriptor >= 0 && !wantsToClose.load(ordering: .relaxed) }

    var isWritable: Bool { unsent.isEmpty }

    func write(_ bytes: [UInt8]) {
        guard isOpen else { return }
        var start = 0
        if unsent.isEmpty { start = bytes.withUnsafeBytes { send($0) } }
        if start < bytes.count { unsent += bytes[start...] }
    }

    /// Goes on writing what the socket did not take.
    func resume() {
        guard isOpen, !unsent.isEmpty else { return }
        sent += unsent.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
        if sent == unsent.count {
            unsent.removeAll()
            sent = 0
        }
    }

    /// How many bytes the socket took; a broken one is told of by the next read.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        while count < bytes.count {
            let result = Glibc.send(
                descriptor,
                bytes.baseAddress.map { $0 + count },
                bytes.count - count,
                CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
            )
            if result < 0, errno == EINTR { continue }
            if result <= 0 { break }
            count += result
        }
        return count
    }

    /// Reads what is there, up to the size of the room.
    func receive() -> Event {
        guard isOpen, reader != nil else { return .nothing }
        let count = recv(descriptor, room.baseAddress, room.count, CInt(MSG_DONTWAIT))
        if count < 0 {
            if errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR { return .nothing }
            return .ended(reason: text(of: errno), after: [])
        }
        if count == 0 { return .ended(reason: "the server closed the connection", after: []) }
        var replies: [ValkeyValue] = []
        do {
            try reader?.read(UnsafeRawBufferPointer(rebasing: room[..<count]), into: &replies)
        } catch {
            return .ended(reason: describe(error), after: replies)
        }
        return .replies(replies)
    }

    func close() {
        wantsToClose.store(true, ordering: .relaxed)
    }

    func closed() async {}

    /// Closes the socket if that is wanted.
    func sweep() {
        guard descriptor >= 0, wantsToClose.load(ordering: .relaxed) else { return }
        Glibc.close(descriptor)
        descriptor = -1
        reader = nil
        unsent.removeAll()
        sent = 0
    }

    private func text(of code: CInt) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
