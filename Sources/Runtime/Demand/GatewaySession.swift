import GatewayDemand
import NIOCore
import Synchronization
import WorkerProtocol

/// A scaler's connection to one gateway: decodes what the gateway says, and keeps the last word for it while it is
/// slow to read.
final class GatewaySession: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let address: String
    private let hello: ScalerHello
    private let feed: DemandFeed
    private let outcome: SessionOutcome
    /// How long the welcome may take.
    private let patience: TimeAmount
    private var unread = ByteBuffer()
    private var name: GatewayName?
    private var snapshot: [PoolDemand]? = []
    private var context: ChannelHandlerContext?
    /// Statuses not yet written, by function; written when there is room.
    private var waiting: [String: ScalerFrame] = [:]
    /// Claims not yet written, by function.
    private var claims: [String: ScalerFrame] = [:]
    private var others: [ScalerFrame] = []
    private var isWelcome = false
    private var isEnding = false

    init(address: String, hello: ScalerHello, patience: TimeAmount, feed: DemandFeed, outcome: SessionOutcome) {
        self.patience = patience
        self.address = address
        self.hello = hello
        self.feed = feed
        self.outcome = outcome
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        others.append(.hello(hello))
        flush()
        let session = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: patience) {
            if !session.value.isWelcome { session.value.end(.unwelcome) }
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        if let name {
            self.name = nil
            feed.ended(name, self)
        }
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            end(.silent)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.violation(error))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = incoming } else { unread.writeBuffer(&incoming) }
        do {
            while let (frame, size) = try unread.withUnsafeReadableBytes({ try DemandFrame.decode($0) }) {
                unread.moveReaderIndex(forwardBy: size)
                receive(frame)
                if isEnding { return }
            }
            unread.discardReadBytes()
        } catch {
            end(.violation(error))
        }
    }

    private func receive(_ frame: DemandFrame) {
        switch frame {
        case .welcome(let id):
            isWelcome = true
            name = GatewayName(id: id, address: address)
        case .refuse(let refusal):
            end(.refused(refusal))
        case .ping:
            others.append(.pong)
            flush()
        case .demand(let demand):
            if snapshot != nil {
                snapshot?.append(demand)
            } else if let name {
                feed.heard(name) { $0.demand(name, demand) }
            }
        case .removed(let function):
            if let name { feed.heard(name) { $0.removed(name, function: function) } }
        case .snapshotEnd:
            guard let name, let pools = snapshot, let context else { return }
            snapshot = nil
            let session = NIOLoopBound(self, eventLoop: context.eventLoop)
            guard feed.began(name, pools, session) else {
                self.name = nil
                return end(.duplicate)
            }
            outcome.connected()
        case .loads(let loads):
            if let name { feed.answered(name, loads) }
        case .othersClaim(let claim):
            if let name { feed.heard(name) { $0.othersClaim(name, function: claim.function, claim) } }
        case .othersSilent(let function):
            if let name { feed.heard(name) { $0.othersClaim(name, function: function, nil) } }
        case .fired(let fired):
            if let name { feed.fired(name, fired) }
        }
    }

    private func end(_ ending: SessionOutcome.Ending) {
        isEnding = true
        outcome.ended(ending)
        context?.close(promise: nil)
    }

    // MARK: Out

    /// Sends a frame; of statuses of one function only the last is kept while the gateway is slow to read.
    func send(_ frame: ScalerFrame) {
        switch frame {
        case .status(let status): waiting[status.function] = frame
        case .claim(let claim):
            // A gateway of before would take it for a mistake.
            guard hello.version >= ProtocolLimits.claimsSince else { return }
            claims[claim.function] = frame
        case .forget(let function):
            waiting[function] = frame
            claims[function] = nil
        case .hello, .lead, .askLoads, .fire, .pong: others.append(frame)
        }
        flush()
    }

    private func flush() {
        guard let context, context.channel.isWritable, !(others.isEmpty && waiting.isEmpty && claims.isEmpty)
        else { return }
        var bytes: [UInt8] = []
        for frame in others + waiting.values + claims.values {
            // Texts are cut to what fits.
            try? frame.append(to: &bytes)
        }
        others = []
        waiting = [:]
        claims = [:]
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }
}

/// What became of a connection; written by its handler, read once it is over.
final class SessionOutcome: Sendable {
    /// Why it ended, where that was not the gateway's doing.
    enum Ending: Error {
        case refused(Refusal)
        case violation(any Error)
        case silent
        /// It took the connection and did not say so in time.
        case unwelcome
        /// Another address led to the same gateway.
        case duplicate
    }

    struct Value: Sendable {
        var ending: Ending?
        /// The gateway took it and told all it has.
        var wasConnected = false
    }

    private let state = Mutex(Value())

    var value: Value { state.withLock { $0 } }

    func connected() {
        state.withLock { $0.wasConnected = true }
    }

    /// The first reason stands.
    func ended(_ ending: Ending) {
        state.withLock { if $0.ending == nil { $0.ending = ending } }
    }
}
