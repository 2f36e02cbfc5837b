import WorkerProtocol

/// A remote worker's connection to one gateway.
final class GatewayLink {
    /// The worker's own number for it.
    let number: Int
    let address: String
    let transport: Transport
    let connection: WorkerConnection
    let dialer: GatewayDialer
    var buffer = ReadBuffer(capacity: 64 << 10)
    /// What the gateway said in its welcome; nil before it.
    var welcome: Welcome?
    /// Whether it has an account of slots.
    var isServing = false
    /// The gateway has seen that this worker leaves, and sends nothing more.
    var wasDrained = false
    var lastHeard: Int64

    init(
        number: Int,
        _ connected: GatewayDialer.Connected,
        wake: Wake,
        now: Int64,
        report: @escaping @Sendable (ReportLevel, String) -> Void
    ) {
        self.number = number
        address = connected.address
        transport = connected.transport
        dialer = connected.dialer
        connection = WorkerConnection(transport: connected.transport, wake: wake, report: report)
        lastHeard = now
    }
}
