import HTTPWire
import NIOCore
import Time
import WorkerProtocol

/// When to read on, and how long to wait for what.
extension HTTPConnection {
    /// Reads more, or leaves it, and sets what is waited for.
    func regulate() {
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

    func resumeReading() {
        wantsRead = true
        context?.channel.setOption(ChannelOptions.autoRead, value: true).whenFailure { _ in }
    }

    func waitForBody() {
        guard waitsFor != .body || progress >= server.configuration.bodyProgress else { return }
        progress = 0
        wait(server.configuration.bodyTimeout, for: .body)
    }

    func wait(_ duration: Duration, for awaited: Awaited = .request) {
        waitsFor = awaited
        timeoutAt = .now() + .nanoseconds(duration.wholeNanoseconds)
        if timeoutAt < timerAt { arm(timeoutAt) }
    }

    func arm(_ deadline: NIODeadline) {
        guard let context else { return }
        timer?.cancel()
        timerAt = deadline
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) { connection.value.timerFired() }
    }

    func timerFired() {
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
