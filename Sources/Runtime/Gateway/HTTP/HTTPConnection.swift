import Dispatching
import HTTPWire
import NIOCore
import Time
import WorkerProtocol

/// A client's connection: requests in, one at a time, responses out.
///
/// It parses, routes, collects the body and asks the pool; what a worker answers comes back through `respond`. Pipelined
/// requests wait in `unread` until the one before is answered, and the client's socket is not read while they are many.
final class HTTPConnection: ChannelInboundHandler, InvocationClient {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests or within a head.
        case reading
        /// The body is collected before a slot is asked for.
        case receiving
        /// In the pool; no response yet.
        case waiting
        /// A response's head was written.
        case responding
        /// All is said; what still comes is thrown away until the client closes.
        case lingering
    }

    /// What the connection's timer waits for.
    enum Awaited {
        case nothing
        case request
        case head
        case body
    }

    let server: HTTPServer
    let local: LoopLocal
    var context: ChannelHandlerContext?
    var clientAddress: [UInt8] = []

    var phase = Phase.reading
    var parser: RequestParser
    var unread = ByteBuffer()
    var current: CurrentRequest?
    /// Counts requests, and their ends; answers to former ones are told by it.
    var request: UInt64 = 0
    var isAdvancing = false
    var wantsRead = true

    var waitsFor = Awaited.nothing
    var timeoutAt = NIODeadline.distantFuture
    var timer: Scheduled<Void>?
    var timerAt = NIODeadline.distantFuture
    /// Body bytes that arrived since `timeoutAt` was last put off.
    var progress = 0

    init(server: HTTPServer, local: LoopLocal) {
        self.server = server
        self.local = local
        parser = RequestParser(
            limits: RequestLimits(headBytes: server.configuration.headBytes, bodyBytes: 1 << 40)
        )
    }

    // MARK: Channel

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        clientAddress = [UInt8]((context.remoteAddress?.ipAddress ?? "").utf8)
        local.add(self)
        wait(server.configuration.idleTimeout)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .lingering = phase else {
            var incoming = unwrapInboundIn(data)
            progress += incoming.readableBytes
            if unread.readableBytes == 0 { unread = incoming } else { unread.writeBuffer(&incoming) }
            advance()
            return
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let current, let invocation = current.invocation {
            current.target.pool.cancel(invocation, now: .now)
        }
        current = nil
        request += 1
        timer?.cancel()
        local.remove(self)
        self.context = nil
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { payCredit() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Ends the connection at once; a response under way is seen to be cut off.
    func abort() {
        context?.close(promise: nil)
    }

    /// Ends the connection as soon as no request is under way.
    func drain() {
        if case .reading = phase, parser.isBetweenRequests, unread.readableBytes == 0 { abort() }
    }
}
