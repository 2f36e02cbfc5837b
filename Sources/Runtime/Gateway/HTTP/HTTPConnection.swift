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

    private enum Phase {
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

    private let server: HTTPServer
    private let local: LoopLocal
    private var context: ChannelHandlerContext?
    private var clientAddress: [UInt8] = []

    private var phase = Phase.reading
    private var parser: RequestParser
    private var unread = ByteBuffer()
    private var current: CurrentRequest?
    /// Counts requests, and their ends; answers to former ones are told by it.
    private(set) var request: UInt64 = 0
    private var isAdvancing = false
    private var wantsRead = true

    private var timeoutAt = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture
    /// Body bytes that arrived since `timeoutAt` was last put off.
    private var progress = 0

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

    // MARK: Requests

    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while context != nil, wantsMore {
            do {
                let step = try unread.withUnsafeReadableBytes { try parser.next($0) }
                guard take(step) else { break }
            } catch let violation as RequestViolation {
                server.refused(violation)
                answer(.violation(status: violation.status, violation.description), closing: true)
            } catch {
                abort()
            }
        }
        regulate()
    }

    /// Whether the next part of the input can be taken now.
    private var wantsMore: Bool {
        switch phase {
        case .reading, .receiving: true
        case .waiting, .responding:
            current.map { !$0.bodyEnded && $0.body.readableBytes < ProtocolLimits.initialWindow } ?? false
        case .lingering: false
        }
    }

    private func take(_ step: RequestParser.Step) -> Bool {
        switch step.event {
        case .needMore:
            unread.moveReaderIndex(forwardBy: step.consumed)
            return false
        case .head(let head):
            unread.moveReaderIndex(forwardBy: step.consumed)
            begin(head)
        case .body(let range):
            let part = unread.getSlice(at: unread.readerIndex + range.lowerBound, length: range.count)
            unread.moveReaderIndex(forwardBy: step.consumed)
            if let part { receive(part) }
        case .end:
            unread.moveReaderIndex(forwardBy: step.consumed)
            current?.bodyEnded = true
            switch phase {
            case .receiving: enqueue()
            case .waiting, .responding: sendBody()
            case .reading, .lingering: break
            }
        }
        return true
    }

    private func begin(_ head: RequestHead) {
        request += 1
        let facts = RequestFacts(head, clientAddress: clientAddress, random: local.random)
        switch server.routes.match(head) {
        case .function(let target, let parameters):
            var next = CurrentRequest(head: head, facts: facts, target: target, parameters: parameters)
            next.bodyEnded = head.framing == .none
            current = next
            do {
                try parser.limitBody(to: target.function.maxBody)
            } catch {
                let limit = "This function takes bodies of up to \(target.function.maxBody) bytes."
                answer(.violation(status: error.status, limit), closing: true)
                return
            }
            phase = .receiving
            if head.expectsContinue, head.framing != .none, unread.readableBytes == 0 {
                write(ResponseEncoder.continue)
            }
        case .options(let allow):
            answerAlone(head, facts, GatewayProblem(status: 204, name: "", title: "", detail: "", allow: allow))
        case .problem(let problem):
            answerAlone(head, facts, problem)
        }
    }

    private func receive(_ part: ByteBuffer) {
        guard current != nil else { return }
        var part = part
        if current?.body.readableBytes == 0 { current?.body = part } else { current?.body.writeBuffer(&part) }
        switch phase {
        case .receiving:
            if let size = current?.body.readableBytes, size > server.configuration.bufferedBody { enqueue() }
        case .waiting, .responding: sendBody()
        case .reading, .lingering: break
        }
    }

    /// Asks the pool for a slot.
    private func enqueue() {
        guard let context, let next = current else { return }
        phase = .waiting
        let pool = next.target.pool
        let now = Instant.now
        current?.deadline = NIODeadline(now + next.target.function.limits.timeout)
        let isRepeatable = next.head.isIdempotent && next.bodyEnded && next.target.function.isRetried
        current?.isRepeatable = isRepeatable
        let responder = Responder(
            client: NIOLoopBound(self, eventLoop: context.eventLoop),
            loop: context.eventLoop,
            request: request
        )
        switch pool.arrive(isRetryable: isRepeatable, responder: responder, now: now) {
        case .dispatch(let id, let worker): handOut(id, to: worker, isRetry: false)
        case .queued(let id): current?.invocation = id
        case .refused(let refusal): answer(.refused(refusal))
        }
    }

    /// Sends the invocation to a worker that has a slot for it.
    func handOut(_ id: InvocationID, to worker: WorkerLink, isRetry: Bool) {
        guard current != nil else { return }
        current?.invocation = id
        current?.worker = worker
        var failure: (any Error)?
        worker.send { out in
            do { try current?.invoke(id, isRetry: isRetry, to: &out) } catch { failure = error }
        }
        guard failure != nil else { return }
        current?.target.pool.withdraw(id)
        current?.invocation = nil
        answer(.violation(status: 431, "The request's head is too large for the function."), closing: true)
    }

    private func sendBody() {
        guard let id = current?.invocation, let worker = current?.worker else { return }
        var sends = true
        while sends {
            sends = false
            worker.send { out in sends = current?.sendMore(id, to: &out) ?? false }
        }
    }

    /// The worker has room for so many body bytes more.
    func addCredit(_ bytes: Int) {
        current?.window += bytes
        sendBody()
        advance()
    }

    // MARK: Responses

    /// A worker's response begins.
    func respond(_ view: ResponseView) {
        guard let request = current, request.encoder == nil, case .waiting = phase else { return }
        var terms = request.head.terms
        if !request.bodyEnded || local.isDraining { terms.keepsAlive = false }
        local.scratch.removeAll(keepingCapacity: true)
        do {
            var encoder = try ResponseEncoder(
                status: Int(view.status),
                length: view.isEnd ? .known(view.body.count) : .streamed,
                terms: terms,
                date: local.date,
                into: &local.scratch
            )
            for field in view.headers where !Self.isOwn(field.name) {
                try encoder.field(field.name, field.value, into: &local.scratch)
            }
            try addFacts(request.facts, to: &encoder)
            encoder.endHead(into: &local.scratch)
            try encoder.body(view.body, into: &local.scratch)
            if view.isEnd { try encoder.end(into: &local.scratch) }
            write(local.scratch)
            if view.isEnd {
                finish(keepsAlive: encoder.keepsAlive)
            } else {
                phase = .responding
                current?.encoder = encoder
                current?.forgetRepeating()
                owe(view.body.count)
            }
        } catch {
            if !view.isEnd { cancelInvocation() }
            answer(.badResponse)
        }
    }

    /// A worker's response goes on.
    func respondMore(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        guard case .responding = phase, var encoder = current?.encoder else { return }
        local.scratch.removeAll(keepingCapacity: true)
        do {
            try encoder.body(bytes, into: &local.scratch)
            if isEnd { try encoder.end(into: &local.scratch) }
            write(local.scratch)
            current?.encoder = encoder
            if isEnd { finish(keepsAlive: encoder.keepsAlive) } else { owe(bytes.count) }
        } catch {
            if !isEnd { cancelInvocation() }
            current?.invocation = nil
            abort()
        }
    }

    /// The request can not be answered by a worker any more.
    func fail(_ problem: GatewayProblem) {
        current?.invocation = nil
        switch phase {
        case .waiting: answer(problem)
        case .responding: abort()
        case .reading, .receiving, .lingering: break
        }
    }

    private func cancelInvocation() {
        guard let current, let id = current.invocation else { return }
        self.current?.invocation = nil
        current.target.pool.cancel(id, now: .now)
    }

    /// The worker may send as many bytes more as the client has taken.
    private func owe(_ bytes: Int) {
        guard bytes > 0 else { return }
        current?.owedCredit += bytes
        if context?.channel.isWritable == true { payCredit() }
    }

    private func payCredit() {
        guard let request = current, request.owedCredit > 0, let id = request.invocation else { return }
        current?.owedCredit = 0
        request.worker?.send { out in
            // A frame of fixed size always fits.
            try? GatewayFrame.responseCredit(id: id.raw, bytes: UInt32(clamping: request.owedCredit)).append(to: &out)
        }
    }

    /// Answers the current request in the gateway's own name.
    private func answer(_ problem: GatewayProblem, closing: Bool = false) {
        guard let current else {
            answerMalformed(problem)
            return
        }
        var terms = current.head.terms
        if closing || !current.bodyEnded || local.isDraining { terms.keepsAlive = false }
        answer(problem, terms: terms, facts: current.facts)
    }

    /// Answers a request that leads to no function.
    private func answerAlone(_ head: RequestHead, _ facts: RequestFacts, _ problem: GatewayProblem) {
        server.answered(problem.status)
        var terms = head.terms
        if head.framing != .none || local.isDraining { terms.keepsAlive = false }
        answer(problem, terms: terms, facts: facts)
    }

    /// Answers what was no request.
    private func answerMalformed(_ problem: GatewayProblem) {
        server.answered(problem.status)
        request += 1
        answer(problem, terms: ResponseTerms(keepsAlive: false), facts: nil)
    }

    private func answer(_ problem: GatewayProblem, terms: ResponseTerms, facts: RequestFacts?) {
        let body = problem.status == 204 ? [] : problem.body(requestID: facts?.requestIDText ?? "unknown")
        local.scratch.removeAll(keepingCapacity: true)
        do {
            var encoder = try ResponseEncoder(
                status: problem.status,
                length: .known(body.count),
                terms: terms,
                date: local.date,
                into: &local.scratch
            )
            if !body.isEmpty { try add("Content-Type", "application/problem+json", to: &encoder) }
            if let seconds = problem.retryAfter { try add("Retry-After", "\(seconds)", to: &encoder) }
            if let allow = problem.allow { try add("Allow", allow, to: &encoder) }
            if let facts { try addFacts(facts, to: &encoder) }
            encoder.endHead(into: &local.scratch)
            try body.withUnsafeBytes { try encoder.body($0, into: &local.scratch) }
            try encoder.end(into: &local.scratch)
            write(local.scratch)
            finish(keepsAlive: encoder.keepsAlive)
        } catch {
            abort()
        }
    }

    private func add(_ name: String, _ value: String, to encoder: inout ResponseEncoder) throws {
        var name = name
        var value = value
        try name.withUTF8 { name in
            try value.withUTF8 { value in
                try encoder.field(
                    UnsafeRawBufferPointer(name),
                    UnsafeRawBufferPointer(value),
                    into: &local.scratch
                )
            }
        }
    }

    private func addFacts(_ facts: RequestFacts, to encoder: inout ResponseEncoder) throws {
        try facts.bytes.withUnsafeBytes { bytes in
            try encoder.field(
                Self.bytes("X-Request-Id"),
                UnsafeRawBufferPointer(rebasing: bytes[facts.requestID]),
                into: &local.scratch
            )
            try encoder.field(
                Self.bytes("traceparent"),
                UnsafeRawBufferPointer(rebasing: bytes[facts.traceparent]),
                into: &local.scratch
            )
        }
    }

    private static func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// Whether the gateway itself sets the field, so that a handler's is not sent.
    private static func isOwn(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 11: asciiEqual(name, bytes("traceparent"))
        case 12: asciiEqual(name, bytes("x-request-id"))
        default: false
        }
    }

    private func write(_ bytes: [UInt8]) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    /// The request is answered; on to the next, or to the connection's end.
    private func finish(keepsAlive: Bool) {
        let wasWhole = current?.bodyEnded ?? false
        current = nil
        request += 1
        if keepsAlive {
            phase = .reading
            advance()
            if local.isDraining { drain() }
        } else {
            close(lingering: !wasWhole || unread.readableBytes > 0)
        }
    }

    /// Closes behind what was written.
    ///
    /// With input still coming, the connection's other half is kept for a moment: a reset would take the answer from
    /// the client (RFC 9112 §9.6).
    private func close(lingering: Bool) {
        phase = .lingering
        unread.clear()
        guard let context else { return }
        guard lingering else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        wait(.seconds(1))
        if !wantsRead { resumeReading() }
    }

    // MARK: Reading and waiting

    /// Reads more, or leaves it, and sets what is waited for.
    private func regulate() {
        guard context != nil else { return }
        if unread.readableBytes == 0 { unread.clear() } else { unread.discardReadBytes() }
        let isFull =
            unread.readableBytes >= server.configuration.headBytes * 2
            || (current?.body.readableBytes ?? 0) >= ProtocolLimits.initialWindow
        if isFull == wantsRead {
            if isFull {
                wantsRead = false
                context?.channel.setOption(ChannelOptions.autoRead, value: false).whenFailure { _ in }
            } else {
                resumeReading()
            }
        }
        switch phase {
        case .reading:
            if parser.isBetweenRequests {
                wait(server.configuration.idleTimeout)
            } else if waitsFor != .head {
                wait(server.configuration.headTimeout, for: .head)
            }
        case .receiving:
            waitForBody()
        case .waiting, .responding:
            if current?.bodyEnded == false, wantsRead { waitForBody() } else { waitsFor = .nothing }
        case .lingering:
            break
        }
    }

    private func resumeReading() {
        wantsRead = true
        context?.channel.setOption(ChannelOptions.autoRead, value: true).whenFailure { _ in }
    }

    private enum Awaited {
        case nothing
        case request
        case head
        case body
    }

    private var waitsFor = Awaited.nothing

    private func waitForBody() {
        guard waitsFor != .body || progress >= server.configuration.bodyProgress else { return }
        progress = 0
        wait(server.configuration.bodyTimeout, for: .body)
    }

    private func wait(_ duration: Duration, for awaited: Awaited = .request) {
        waitsFor = awaited
        timeoutAt = .now() + .nanoseconds(duration.wholeNanoseconds)
        if timeoutAt < timerAt { arm(timeoutAt) }
    }

    private func arm(_ deadline: NIODeadline) {
        guard let context else { return }
        timer?.cancel()
        timerAt = deadline
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) { connection.value.timerFired() }
    }

    private func timerFired() {
        timerAt = .distantFuture
        guard context != nil else { return }
        if NIODeadline.now() < timeoutAt {
            arm(timeoutAt)
            return
        }
        if case .lingering = phase {
            abort()
            return
        }
        switch waitsFor {
        case .nothing:
            // The pool's deadline is what counts now; look again later.
            wait(server.configuration.idleTimeout, for: .nothing)
        case .request:
            abort()
        case .head:
            answerMalformed(.slowRequest("head"))
        case .body:
            if phase == .receiving {
                answer(.slowRequest("body"), closing: true)
            } else {
                cancelInvocation()
                if phase == .waiting { answer(.slowRequest("body"), closing: true) } else { abort() }
            }
        }
    }
}
