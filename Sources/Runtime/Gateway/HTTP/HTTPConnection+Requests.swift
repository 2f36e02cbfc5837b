import HTTPWire
import NIOCore
import WorkerProtocol

/// Requests: parsed, routed, and their bodies collected.
extension HTTPConnection {
    func advance() {
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
    var wantsMore: Bool {
        switch phase {
        case .reading, .receiving: true
        case .waiting, .responding:
            current.map { !$0.bodyEnded && $0.body.readableBytes < ProtocolLimits.initialWindow } ?? false
        case .lingering: false
        }
    }

    func take(_ step: RequestParser.Step) -> Bool {
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

    func begin(_ head: RequestHead) {
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

    func receive(_ part: ByteBuffer) {
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
}
