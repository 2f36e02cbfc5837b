import Glibc
import Synchronization

/// A relay that hands on bytes late and no faster than a bound, both ways, as a slow link does; for one connection
/// after another.
final class SlowLink: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let listener: CInt

    /// Listens at `from`, and connects to `to` for whoever comes.
    init(
        from: (address: String, port: UInt16),
        to: (address: String, port: UInt16),
        delay: Duration,
        bytesPerSecond: Int
    ) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = from.port.bigEndian
        name.sin_addr.s_addr = inet_addr(from.address)
        let result = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, 16) }
        }
        guard result == 0, listen(listener, 16) == 0 else { throw TestFailure("slow link: \(systemError())") }
        // It ends with the test, which stops it.
        Task.detached(executorPreference: BlockingThreads()) { self.accept(to, delay, bytesPerSecond) }
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    private var isOver: Bool { isStopped.load(ordering: .relaxed) }

    private func accept(_ target: (address: String, port: UInt16), _ delay: Duration, _ rate: Int) {
        defer { close(listener) }
        while !isOver {
            var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 50) > 0 else { continue }
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { continue }
            guard let server = try? RawConnection(address: target.address, port: target.port) else {
                close(client)
                continue
            }
            relay(client, server.descriptor, delay, rate)
            close(client)
            close(server.descriptor)
        }
    }

    private struct Direction {
        let from: CInt
        let to: CInt
        /// What is on its way, with when it arrives.
        var onTheWay: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
        var freeFrom = ContinuousClock.now
        var isEnded = false
    }

    private func relay(_ client: CInt, _ server: CInt, _ delay: Duration, _ rate: Int) {
        var directions = [Direction(from: client, to: server), Direction(from: server, to: client)]
        var room = [UInt8](repeating: 0, count: 16 << 10)
        while !isOver, directions.contains(where: { !$0.isEnded || !$0.onTheWay.isEmpty }) {
            for index in directions.indices {
                // A link holds so much and no more.
                if !directions[index].isEnded, directions[index].onTheWay.count < 64 {
                    let count = recv(directions[index].from, &room, room.count, Int32(MSG_DONTWAIT))
                    if count > 0 {
                        let start = max(directions[index].freeFrom, .now)
                        directions[index].freeFrom = start + .seconds(Double(count) / Double(rate))
                        directions[index].onTheWay.append((directions[index].freeFrom + delay, Array(room[..<count])))
                    } else if count == 0 || errno != EAGAIN {
                        directions[index].isEnded = true
                    }
                }
                while let first = directions[index].onTheWay.first, first.due <= .now {
                    directions[index].onTheWay.removeFirst()
                    guard send(directions[index].to, first.bytes, first.bytes.count, Int32(MSG_NOSIGNAL)) > 0 else {
                        return
                    }
                }
                if directions[index].isEnded, directions[index].onTheWay.isEmpty {
                    shutdown(directions[index].to, Int32(SHUT_WR))
                }
            }
            usleep(1_000)
        }
    }
}
