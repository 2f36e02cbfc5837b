import Glibc
import Synchronization

/// Clients that do as an ingress does: they keep connections to several gateways, and send a request that found its
/// connection closed, or none to be had, to another gateway.
final class RetryingClients: Sendable {
    struct Result: Sendable {
        var answered = 0
        var retried = 0
        var failures: [String] = []
    }

    private let isStopped = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)

    var answered: Int { count.load(ordering: .relaxed) }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Sends GET requests over `clients` connections at a time until it is stopped.
    ///
    /// `targets`: the addresses and ports of the gateways.
    @concurrent
    func run(clients: Int, path: String, targets: [(address: String, port: UInt16)]) async -> Result {
        await withTaskGroup(of: Result.self) { group in
            for number in 0..<clients {
                group.addTask { self.client(number, path, targets) }
            }
            var result = Result()
            for await part in group {
                result.answered += part.answered
                result.retried += part.retried
                result.failures += part.failures
            }
            return result
        }
    }

    private func client(_ number: Int, _ path: String, _ targets: [(address: String, port: UInt16)]) -> Result {
        var result = Result()
        var target = number
        var connection: Connection?
        let bytes = Shop.bytes("GET", path)
        while !isStopped.load(ordering: .relaxed) {
            var attempts = 0
            while true {
                attempts += 1
                do {
                    let current =
                        try connection
                        ?? Connection(
                            address: targets[target % targets.count].address,
                            port: targets[target % targets.count].port
                        )
                    connection = current
                    current.send(bytes)
                    let reply = try current.reply(to: "GET", within: .seconds(60))
                    if !reply.keepsAlive {
                        connection = nil
                        target += 1
                    }
                    result.answered += 1
                    count.add(1, ordering: .relaxed)
                    if reply.status != 200 { result.failures.append("\(reply)") }
                    break
                } catch {
                    connection = nil
                    target += 1
                    result.retried += 1
                    if attempts > 200 {
                        result.failures.append("\(error)")
                        break
                    }
                    if attempts > targets.count { usleep(20_000) }
                }
            }
        }
        return result
    }
}
