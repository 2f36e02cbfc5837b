import Glibc
import Synchronization

/// Closed-loop load over keep-alive connections: each sends its next request once the one before is answered.
final class Load: Sendable {
    struct Request: Sendable {
        var method: String
        var bytes: [UInt8]

        init(_ method: String, _ path: String, _ headers: [String] = [], body: [UInt8] = []) {
            self.method = method
            bytes = Shop.bytes(method, path, headers, body: body)
        }
    }

    struct Result: Sendable {
        var answered = 0
        var statuses: [Int: Int] = [:]
        /// Requests without a right answer; the first few in words.
        var failed = 0
        var failures: [String] = []
        /// Requests sent on a kept connection that the server was closing just then, sent again on another: allowed
        /// to a server that is ending (RFC 9112 §9.3.1), and to no other.
        var resent = 0

        mutating func fail(_ what: String) {
            failed += 1
            if failures.count < 10 { failures.append(what) }
        }
    }

    private let address: String
    private let port: UInt16
    private let connections: Int
    private let total: Int
    private let isStopped = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)

    /// Load that ends by itself after `total` requests.
    init(port: UInt16, address: String = "127.0.0.1", connections: Int, total: Int = .max) {
        self.address = address
        self.port = port
        self.connections = connections
        self.total = total
    }

    /// Sends no more requests; those under way are waited for.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// How many requests are answered by now.
    var answered: Int { count.load(ordering: .relaxed) }

    private final class Client {
        var connection: Connection?
        var parser = ReplyParser()
        var index = 0
        var sent = ContinuousClock.now
        var isFresh = true
        var isBusy = false
    }

    /// Sends requests until it is stopped, from a thread of its own.
    ///
    /// `make` gives the request with a number, `check` why a response is wrong, by default for every status but 200.
    /// With `endsOnRefusal` a refused connection is no failure, but the end.
    @concurrent
    func run(
        endsOnRefusal: Bool = false,
        check: @escaping @Sendable (Int, Reply) -> String? = { $1.status == 200 ? nil : "\($1)" },
        _ make: @escaping @Sendable (Int) -> Request
    ) async -> Result {
        var result = Result()
        let clients = (0..<connections).map { _ in Client() }
        var next = 0
        var isRefused = false
        var buffer = [UInt8](repeating: 0, count: 64 << 10)

        func send(_ client: Client) {
            let request = make(client.index)
            if client.connection == nil {
                client.connection = try? Connection(address: address, port: port)
                client.parser = ReplyParser()
                client.isFresh = true
                guard client.connection != nil else {
                    client.isBusy = false
                    isRefused = true
                    if !endsOnRefusal { result.fail("connection refused") }
                    return
                }
            }
            client.isBusy = true
            client.sent = .now
            client.parser.expect(request.method)
            client.connection?.send(request.bytes)
        }
        func begin(_ client: Client) {
            guard next < total, !isRefused, !isStopped.load(ordering: .relaxed) else {
                client.isBusy = false
                return
            }
            client.index = next
            next += 1
            send(client)
        }
        func receive(_ client: Client) {
            guard let connection = client.connection else { return }
            let size = recv(connection.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if size < 0, errno == EAGAIN || errno == EINTR { return }
            if size <= 0 {
                client.connection = nil
                if client.parser.isBetweenReplies, !client.isFresh {
                    result.resent += 1
                    send(client)
                } else {
                    result.fail("request \(client.index): closed \(client.isFresh ? "a new" : "an old") connection")
                    begin(client)
                }
                return
            }
            client.parser.append(buffer[..<size])
            do {
                guard case .reply(let reply) = try client.parser.next() else { return }
                result.answered += 1
                count.store(result.answered, ordering: .relaxed)
                result.statuses[reply.status, default: 0] += 1
                if let wrong = check(client.index, reply) { result.fail("request \(client.index): \(wrong)") }
                client.isFresh = false
                if !reply.keepsAlive { client.connection = nil }
            } catch {
                result.fail("request \(client.index): \(error)")
                client.connection = nil
            }
            begin(client)
        }

        for client in clients { begin(client) }
        while true {
            let busy = clients.filter(\.isBusy)
            guard !busy.isEmpty else { return result }
            var entries = busy.map { pollfd(fd: $0.connection?.descriptor ?? -1, events: Int16(POLLIN), revents: 0) }
            let ready = poll(&entries, nfds_t(entries.count), 1_000)
            guard ready > 0 else {
                for client in busy where .now - client.sent > .seconds(30) {
                    result.fail("request \(client.index): no answer for 30 s")
                    client.connection = nil
                    client.isBusy = false
                }
                continue
            }
            for (entry, client) in zip(entries, busy) where entry.revents != 0 { receive(client) }
        }
    }
}
