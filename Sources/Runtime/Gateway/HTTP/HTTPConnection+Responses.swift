import Dispatching
import HTTPWire
import NIOCore
import WorkerProtocol

/// Responses of workers, and the connection's way on behind them.
extension HTTPConnection {
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
        var problem = problem
        if let current, let lateness = problem.lateness {
            let function = current.target.function
            problem = .deadlinePassed(lateness, timeout: function.limits.timeout)
            server.wasLate(function.name, requestID: current.facts.requestIDText, problem)
        }
        switch phase {
        case .waiting: answer(problem)
        case .responding: abort()
        case .reading, .receiving, .lingering: break
        }
    }

    func write(_ bytes: [UInt8]) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    /// The request is answered; on to the next, or to the connection's end.
    func finish(keepsAlive: Bool) {
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
    func close(lingering: Bool) {
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
}
