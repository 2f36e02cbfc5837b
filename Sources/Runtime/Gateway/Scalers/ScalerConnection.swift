import Logging
import NIOCore
import Time
import WorkerProtocol

/// A scaler's connection: demand out, decisions in.
///
/// While the scaler is slow to read, only the last figures of each pool are kept for it.
final class ScalerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let gateway: Gateway
    private let port: WorkerPort
    private let peer: String
    private var context: ChannelHandlerContext?
    private var unread = ByteBuffer()
    private var name: String?
    private var isClosed = false
    private var pinging: Pinging?
    private var lastHeard = NIODeadline.now()
    private var demands: [String: PoolDemand] = [:]
    /// What other replicas find, by function.
    private var claims: [String: DemandFrame] = [:]
    private var others: [DemandFrame] = []
    private var flushIsDue = false

    init(gateway: Gateway, port: WorkerPort, peer: String) {
        self.gateway = gateway
        self.port = port
        self.peer = peer
    }

    private var hub: ScalerHub { gateway.scalers }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: WorkerPort.greetingTime) {
            if connection.value.name == nil { connection.value.context?.close(promise: nil) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        pinging?.cancel()
        isClosed = true
        if let name {
            self.name = nil
            gateway.logger.info("scaler disconnected", metadata: ["scaler": "\(name)", "peer": "\(peer)"])
            gateway.heed(hub.leave(ObjectIdentifier(self)))
        }
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        gateway.logger.debug("scaler connection failed: \(error)", metadata: ["peer": "\(peer)"])
        context.close(promise: nil)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        var incoming = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = incoming } else { unread.writeBuffer(&incoming) }
        do {
            while !isClosed, let (frame, size) = try unread.withUnsafeReadableBytes({ try ScalerFrame.decode($0) }) {
                unread.moveReaderIndex(forwardBy: size)
                try receive(frame, context)
            }
            unread.discardReadBytes()
        } catch {
            isClosed = true
            gateway.pools.countRefusal("protocol")
            gateway.complaints.warn("scaler broke the protocol: \(error)", kind: "protocol", ["peer": "\(peer)"])
            context.close(promise: nil)
        }
    }

    private func receive(_ frame: ScalerFrame, _ context: ChannelHandlerContext) throws {
        let id = ObjectIdentifier(self)
        if case .hello(let hello) = frame {
            guard name == nil else { throw Unexpected(text: "a second hello") }
            return greet(hello, context)
        }
        guard name != nil else { throw Unexpected(text: "the first frame must be a hello") }
        switch frame {
        case .hello, .pong:
            break
        case .lead(let leads):
            gateway.heed(hub.lead(id, leads))
        case .status(let status):
            gateway.heed(hub.report(id, status))
        case .forget(let function):
            gateway.heed(hub.forget(id, function: function))
        case .fire(let firing):
            fire(firing, context)
        case .claim(let claim):
            hub.claim(id, claim)
        case .askLoads(let function):
            let loads = gateway.pools.pool(function)?.loads ?? []
            var start = 0
            repeat {
                let end = min(start + WorkerLoads.mostLoads, loads.count)
                let part = WorkerLoads(function: function, loads: Array(loads[start..<end]), isEnd: end == loads.count)
                others.append(.loads(part))
                start = end
            } while start < loads.count
            flush()
        }
    }

    /// Invokes a function for whoever keeps the schedules; its answer goes back when it is there.
    private func fire(_ firing: Firing, _ context: ChannelHandlerContext) {
        func refuse(_ why: String) { send(.fired(Fired(number: firing.number, status: nil, message: why))) }
        guard gateway.isReady else { return refuse("the gateway is not ready") }
        guard let answer = gateway.fire(firing.function, schedule: firing.schedule) else {
            return refuse("the gateway has no function of this name")
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        answer.hop(to: context.eventLoop).whenComplete { result in
            var fired = Fired(number: firing.number, status: 500)
            switch result {
            case .success(let response):
                fired.status = UInt16(clamping: response.status)
                fired.message = response.complaint
            case .failure(let error): fired.message = "\(error)"
            }
            bound.value.send(.fired(fired))
        }
    }

    private func greet(_ hello: ScalerHello, _ context: ChannelHandlerContext) {
        if let refused = gateway.pools.admitPeer(
            version: hello.version,
            of: ProtocolLimits.scalerVersions,
            token: hello.token
        ) {
            isClosed = true
            let reason = refused.reason
            gateway.complaints.warn("scaler refused: \(reason)", kind: "\(refused.code)", ["peer": "\(peer)"])
            others = [.refuse(refused)]
            flush()
            context.close(promise: nil)
            return
        }
        name = hello.scalerID
        gateway.logger.info("scaler connected", metadata: ["scaler": "\(hello.scalerID)", "peer": "\(peer)"])
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (silence, interval) = (port.silence, port.pingInterval)
        pinging = Pinging(every: interval, on: context.eventLoop) {
            let connection = bound.value
            if NIODeadline.now() - connection.lastHeard > .nanoseconds(silence.wholeNanoseconds) {
                connection.context?.close(promise: nil)
            } else {
                connection.send(.ping)
            }
        }
        others.append(.welcome(gatewayID: gateway.id))
        hub.join(
            ObjectIdentifier(self),
            name: hello.scalerID,
            link: ScalerHub.Link(loop: context.eventLoop, connection: bound)
        )
        // What changes from here on is pushed as well; the last word on each pool is what the snapshot says of it.
        for pool in gateway.pools.pools { others.append(.demand(pool.tellDemand())) }
        others.append(.snapshotEnd)
        flush()
    }

    // MARK: Out

    func push(_ demand: PoolDemand) {
        demands[demand.function] = demand
        scheduleFlush()
    }

    /// What the other replicas find of a function; `nil` where none claims it.
    func tell(_ others: PoolClaim?, of function: String) {
        claims[function] = others.map { .othersClaim($0) } ?? .othersSilent(function: function)
        scheduleFlush()
    }

    func send(_ frame: DemandFrame) {
        others.append(frame)
        scheduleFlush()
    }

    /// One write carries all that a turn of the loop brings.
    private func scheduleFlush() {
        guard !flushIsDue, let context else { return }
        flushIsDue = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.flush() }
    }

    private func flush() {
        flushIsDue = false
        guard let context, context.channel.isWritable,
            !(others.isEmpty && demands.isEmpty && claims.isEmpty)
        else { return }
        var bytes: [UInt8] = []
        for frame in others + claims.values {
            // Texts are short or cut to what fits.
            try? frame.append(to: &bytes)
        }
        for demand in demands.values {
            try? DemandFrame.demand(demand).append(to: &bytes)
        }
        others = []
        demands = [:]
        claims = [:]
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }
}
