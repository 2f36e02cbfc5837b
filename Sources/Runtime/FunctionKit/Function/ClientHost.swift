internal import Valkey
internal import Worker

/// The worker's reader as the client of Valkey sees it.
struct ClientHost: ValkeyHost {
    private let host: TurnHost

    init(_ host: TurnHost) {
        self.host = host
    }

    func claim() -> Bool { host.claim() }

    func attach(_ connection: any HostedConnection) {
        host.attach(Source(connection))
    }

    func wake() {
        host.wake()
    }

    private final class Source: TurnSource {
        private let connection: any HostedConnection

        init(_ connection: any HostedConnection) {
            self.connection = connection
        }

        var descriptor: CInt? { connection.descriptor }

        var isFull: Bool { connection.isFull }

        var wakeAt: Int64? { connection.wakeAt }

        func begin() {
            connection.begin()
        }

        func ready() {
            connection.ready()
        }

        func flush() {
            connection.flush()
        }
    }
}
