import NIOCore

/// Feeds what a channel receives to the reader, and the replies to the connection, batch by batch.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: NodeConnection
    private let epoch: NodeConnection.Machine.Epoch
    private let reader: ReplyReader
    private var replies: [ValkeyValue] = []
    private var reason: String?

    init(connection: NodeConnection, epoch: NodeConnection.Machine.Epoch) throws {
        self.connection = connection
        self.epoch = epoch
        reader = try ReplyReader()
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.opened(ChannelWire(channel: context.channel), epoch)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        do {
            try buffer.withUnsafeReadableBytes { try reader.read($0, into: &replies) }
        } catch {
            fail(error, context: context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        passOn()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection.run() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        passOn()
        connection.ended(epoch, reason: reason ?? "the server closed the connection")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context: context)
    }

    private func passOn() {
        guard !replies.isEmpty else { return }
        var batch: [ValkeyValue] = []
        batch.reserveCapacity(replies.count)
        swap(&batch, &replies)
        connection.received(batch, epoch)
    }

    private func fail(_ error: any Error, context: ChannelHandlerContext) {
        passOn()
        if reason == nil { reason = describe(error) }
        context.close(promise: nil)
    }
}
