import NIOCore

/// A standing connection, as `NodeConnection` uses it.
protocol Wire: Sendable {
    /// Whether what is written now would leave soon.
    var isWritable: Bool { get }

    func write(_ bytes: [UInt8])

    /// Ends the connection soon.
    func close()

    /// Returns when it has ended.
    func closed() async
}

/// A connection that an event loop of SwiftNIO looks after.
struct ChannelWire: Wire {
    let channel: any Channel

    var isWritable: Bool { channel.isWritable }

    func write(_ bytes: [UInt8]) {
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    }

    func close() {
        channel.close(promise: nil)
    }

    func closed() async {
        // A channel that is closed already fails to close again.
        try? await channel.close().get()
    }
}
