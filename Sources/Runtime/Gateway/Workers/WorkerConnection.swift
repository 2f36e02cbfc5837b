import Dispatching
import Logging
import NIOCore
import Time
import WorkerProtocol

/// A worker's connection: its frames in, the gateway's out.
final class WorkerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case greeting
        case serving(PoolDriver, WorkerID, name: String, hasOffered: Bool)
        case closed
    }

    private let pools: PoolRegistry
    private let logger: Logger
    private var phase = Phase.greeting
    private var context: ChannelHandlerContext?
    private var unread = ByteBuffer()
    private var out: [UInt8] = []
    private var flushIsDue = false
    private var isDraining = false
    /// The port it came by; `nil` for a worker of this machine, whose launcher knows what becomes of it.
    private let port: WorkerPort?
    private let peer: String
    private var lastHeard = NIODeadline.now()
    private var pinging: Pinging?

    init(pools: PoolRegistry, logger: Logger, port: WorkerPort? = nil, peer: String = "this machine") {
        self.pools = pools
        self.logger = logger
        self.port = port
        self.peer = peer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: WorkerPort.greetingTime) {
            if case .greeting = connection.value.phase { connection.value.close() }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: Out

    /// Appends frames to what is written when this turn of the loop ends, so that one write carries many.
    func send(_ write: (inout [UInt8]) -> Void) {
        write(&out)
        guard !flushIsDue, let context else { return }
        flushIsDue = true
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { connection.value.flush() }
    }

    private func flush() {
        flushIsDue = false
        guard let context, !out.isEmpty else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: out)), promise: nil)
        out.removeAll(keepingCapacity: out.capacity <= 1 << 20)
    }

    func drain() {
        guard !isDraining, case .serving(let driver, let worker, _, _) = phase else { return }
        isDraining = true
        driver.leave(worker)
        send { out in
            // A frame without content always fits.
            try? GatewayFrame.drain.append(to: &out)
        }
    }

    func close() {
        flush()
        context?.close(promise: nil)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if port != nil { lastHeard = .now() }
        var incoming = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = incoming } else { unread.writeBuffer(&incoming) }
        let now = Instant.now
        do {
            while true {
                let size = try unread.withUnsafeReadableBytes { bytes -> Int? in
                    guard let (frame, size) = try WorkerFrame.decode(bytes) else { return nil }
                    try receive(frame, size: size, now: now)
                    return size
                }
                guard let size else { break }
                if case .closed = phase { return }
                unread.moveReaderIndex(forwardBy: size)
            }
            if unread.readableBytes == 0 { unread.clear() } else { unread.discardReadBytes() }
        } catch {
            pools.countRefusal("protocol")
            logger.warning("worker connection refused: \(error)", metadata: ["peer": "\(peer)"])
            leave("broke the protocol")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pinging?.cancel()
        leave(nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("worker connection failed: \(error)")
        context.close(promise: nil)
    }

    /// Ends the connection's part in its pool, once.
    private func leave(_ cause: String?) {
        let left = phase
        phase = .closed
        guard case .serving(let driver, let worker, let name, _) = left else { return }
        driver.leave(worker)
        if cause == nil, let observer = driver.observer {
            observer.causeOfDeath(name) { driver.lose(worker, cause: $0) }
        } else {
            driver.lose(worker, cause: cause ?? "died")
        }
    }

    private func receive(_ frame: WorkerFrame, size: Int, now: Instant) throws {
        guard case .serving(let driver, let worker, let name, let hasOffered) = phase else {
            guard case .hello(let hello) = frame else {
                throw Unexpected(text: "the first frame must be a hello")
            }
            greet(hello)
            return
        }
        switch frame {
        case .offer(let slots):
            if !hasOffered {
                phase = .serving(driver, worker, name: name, hasOffered: true)
                driver.observer?.workerJoined(name)
            }
            driver.offer(Int(slots), by: worker)
        case .response(let id, let view):
            let responder = driver.responded(
                InvocationID(raw: id),
                by: worker,
                status: Int(view.status),
                isEnd: view.isEnd,
                returnsSlot: view.returnsSlot,
                now: now
            )
            deliver(to: responder, size: size) { $0.respond(view) }
        case .responseBody(let id, let isEnd, let returnsSlot, let bytes):
            let responder = driver.responded(
                InvocationID(raw: id),
                by: worker,
                status: 0,
                isEnd: isEnd,
                returnsSlot: returnsSlot,
                now: now
            )
            deliver(to: responder, size: size) { $0.respondMore(bytes, isEnd: isEnd) }
        case .requestCredit(let id, let bytes):
            let responder = driver.responder(of: InvocationID(raw: id), by: worker)
            responder?.perform { $0.addCredit(Int(bytes)) }
        case .failure(let id, let returnsSlot, let failure):
            let problem: GatewayProblem =
                switch failure.code {
                case .handlerThrew: .handlerFailed
                // The worker's own clock was first: what the gateway cancels it does not wait for.
                case .cancelled: .deadlinePassed(waiting: false)
                case .tooLarge, .badResponse: .badResponse
                }
            let responder = driver.responded(
                InvocationID(raw: id),
                by: worker,
                status: problem.status,
                isEnd: true,
                returnsSlot: returnsSlot,
                now: now
            )
            if failure.code != .cancelled {
                logger.warning("invocation failed: \(failure.message)", metadata: ["worker": "\(name)"])
            }
            responder?.perform { $0.fail(problem) }
        case .leaving:
            // Where it was not asked to, a drain tells it that no invocation is on its way any more.
            if !isDraining {
                drain()
                driver.observer?.workerLeaves(name)
            }
        case .startFailed(let message):
            driver.observer?.workerFailedToStart(name, reason: message)
        case .reclaim(let slots):
            driver.reclaim(Int(slots), by: worker)
        case .pong:
            break
        case .hello:
            throw Unexpected(text: "a second hello")
        }
    }

    /// Passes on a part of a response: as it stands in the buffer here, or as a copy to another loop.
    private func deliver(to responder: Responder?, size: Int, _ body: (any InvocationClient) -> Void) {
        guard let responder else { return }
        if responder.loop.inEventLoop {
            responder.performHere(body)
        } else if let frame = unread.getSlice(at: unread.readerIndex, length: size) {
            responder.loop.execute {
                responder.performHere { client in
                    frame.withUnsafeReadableBytes { bytes in
                        // It was decoded once already.
                        guard let (frame, _) = try? WorkerFrame.decode(bytes) else { return }
                        switch frame {
                        case .response(_, let view): client.respond(view)
                        case .responseBody(_, let isEnd, _, let bytes): client.respondMore(bytes, isEnd: isEnd)
                        default: break
                        }
                    }
                }
            }
        }
    }

    /// Sees to it that a worker of another machine is given up when nothing is heard of it any more.
    private func watch(_ context: ChannelHandlerContext) {
        guard let port else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let silence = TimeAmount.nanoseconds(port.silence.wholeNanoseconds)
        pinging = Pinging(every: port.pingInterval, on: context.eventLoop) {
            let connection = bound.value
            guard NIODeadline.now() - connection.lastHeard <= silence else {
                connection.leave("was not heard of any more")
                connection.context?.close(promise: nil)
                return
            }
            connection.send { out in
                // A frame without content always fits.
                try? GatewayFrame.ping.append(to: &out)
            }
        }
    }

    private func greet(_ hello: Hello) {
        guard let context else { return }
        switch pools.admit(hello) {
        case .success(let driver):
            let link = WorkerLink(
                name: hello.workerID,
                loop: context.eventLoop,
                connection: NIOLoopBound(self, eventLoop: context.eventLoop)
            )
            phase = .serving(driver, driver.join(link), name: hello.workerID, hasOffered: false)
            send { out in
                // A frame of fixed size always fits.
                try? GatewayFrame.welcome(Welcome(gatewayID: pools.gatewayID)).append(to: &out)
            }
            watch(context)
        case .failure(let refusal):
            logger.warning(
                "worker refused: \(refusal.refusal.reason)",
                metadata: ["worker": "\(hello.workerID)", "peer": "\(peer)"]
            )
            phase = .closed
            send { out in
                // Reasons are cut to what fits.
                try? GatewayFrame.refuse(refusal.refusal).append(to: &out)
            }
            close()
        }
    }
}

/// A worker did what no worker does.
struct Unexpected: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
