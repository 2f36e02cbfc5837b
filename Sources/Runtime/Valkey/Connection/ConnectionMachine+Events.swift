import DequeModule
package import Time

extension ConnectionMachine {
    /// What the driver is to do, in this order.
    package struct Work {
        /// End the present connection, if there is one.
        package var disconnect = false
        /// Start an attempt to connect under this number.
        package var connect: Epoch?
        /// Write these.
        package var write: [UInt8] = []
        /// Tell these calls their outcome.
        package var outcomes: [(call: Call, result: Result<ValkeyValue, ValkeyError>)] = []
        /// Ask for work again at this time, if nothing happens before.
        package var wakeAt: Instant?

        mutating func fail(_ call: Call?, _ error: ValkeyError) {
            if let call { outcomes.append((call, .failure(error))) }
        }
    }

    /// A connection stands; `false` if it is no longer wanted and must be closed.
    package mutating func connected(_ epoch: Epoch, now: Instant) -> Bool {
        guard epoch == self.epoch, case .connecting = phase else { return false }
        phase = .greeting(since: now, missing: settings.greeting.count)
        lastHeard = now
        return true
    }

    /// An attempt failed or a connection ended.
    package mutating func disconnected(_ epoch: Epoch, reason: String, now: Instant) -> Work {
        var work = Work()
        guard epoch == self.epoch, !isDown else { return work }
        lose(reason: reason, now: now, work: &work)
        work.disconnect = false
        return work
    }

    /// Replies came, in this order.
    package mutating func received(_ replies: [ValkeyValue], _ epoch: Epoch, now: Instant) -> Work {
        var work = Work()
        guard epoch == self.epoch, !isDown else { return work }
        lastHeard = now
        work.outcomes.reserveCapacity(replies.count)
        for reply in replies {
            switch phase {
            case .greeting(let since, let missing):
                greet(reply, since: since, missing: missing, now: now, work: &work)
            case .ready, .retiring: deliver(reply, now: now, work: &work)
            default: return work
            }
        }
        return work
    }

    /// What is to be done now.
    package mutating func poll(now: Instant, writable: Bool) -> Work {
        var work = Work()
        poll(now: now, writable: writable, work: &work)
        return work
    }

    /// Adds what is to be done now to work that an event has left.
    package mutating func poll(now: Instant, writable: Bool, work: inout Work) {
        if case .closed = phase { return }
        endWhatHangs(now: now, work: &work)
        if earliest <= now { expire(now: now, work: &work) }
        if case .disconnected = phase, waitingCalls > 0, now >= notBefore {
            epoch += 1
            phase = .connecting(since: now)
            work.connect = epoch
        }
        if case .ready = phase, writable { writeWaiting(now: now, work: &work) }
        work.wakeAt = nextWake()
    }

    private var isDown: Bool {
        switch phase {
        case .disconnected, .closed: true
        default: false
        }
    }

    // MARK: Replies

    private mutating func greet(
        _ reply: ValkeyValue,
        since: Instant,
        missing: Int,
        now: Instant,
        work: inout Work
    ) {
        if case .error(let error) = reply {
            let reason = "it replied \"\(error)\" to the greeting"
            lose(reason: reason, now: now, work: &work)
            guard !error.isTemporary else { return }
            // Waiting would not help: the password, user or database is wrong.
            while let entry = line.popFirst() {
                work.fail(entry.call, .rejected(endpoint: settings.endpoint, reason: error.message))
            }
            waitingCalls = 0
            waitingBytes = 0
            return
        }
        if missing > 1 {
            phase = .greeting(since: since, missing: missing - 1)
        } else {
            phase = .ready
            failures = 0
        }
    }

    private mutating func deliver(_ reply: ValkeyValue, now: Instant, work: inout Work) {
        guard written > 0 else {
            lose(reason: "the server sent a reply that nothing had asked for", now: now, work: &work)
            return
        }
        if line[0].missing > 1 || !line[0].replies.isEmpty {
            line[0].missing -= 1
            line[0].replies.append(reply)
            guard line[0].missing == 0 else { return }
            let entry = line.removeFirst()
            if let call = entry.call { work.outcomes.append((call, .success(.array(entry.replies)))) }
        } else if let call = line.removeFirst().call {
            work.outcomes.append((call, .success(reply)))
        }
        written -= 1
        if case .error(let error) = reply, error.code == "READONLY", case .ready = phase {
            // The server was demoted; its name may by now lead to the one that took over.
            phase = .retiring
        }
        if case .retiring = phase, written == 0 {
            lose(reason: "the server became a replica", now: now, work: &work)
            failures = 0
            notBefore = now
        }
    }

    // MARK: Time

    /// Ends an attempt that takes too long, and a connection on which nothing comes although replies are overdue.
    private mutating func endWhatHangs(now: Instant, work: inout Work) {
        switch phase {
        case .connecting(let since), .greeting(let since, _):
            guard now >= since + settings.connectTimeout else { return }
            lose(reason: "it did not answer within \(settings.connectTimeout)", now: now, work: &work)
        case .ready, .retiring:
            guard let limit = silenceLimit, now >= limit else { return }
            lose(reason: "nothing came from the server although replies are overdue", now: now, work: &work)
        case .disconnected, .closed: return
        }
    }

    private var silenceLimit: Instant? {
        written > 0 ? max(line[0].deadline, lastHeard) + settings.silence : nil
    }

    private mutating func expire(now: Instant, work: inout Work) {
        earliest = .never
        for index in line.indices where line[index].call != nil {
            let limit = limit(at: index)
            if limit > now {
                earliest = min(earliest, limit)
            } else if index < written {
                work.fail(line[index].call, .timedOut(maybeExecuted: true))
                line[index].call = nil
            } else {
                work.fail(giveUpWaiting(at: index), isReady ? .timedOut(maybeExecuted: false) : unreachable)
            }
        }
        dropGivenUp()
    }

    /// When a call must be told that its time is over: a call that waits for a connection has patience, too.
    private func limit(at index: Int) -> Instant {
        let deadline = line[index].deadline
        return isReady || index < written ? deadline : min(deadline, line[index].entered + settings.patience)
    }

    private var unreachable: ValkeyError {
        .unreachable(endpoint: settings.endpoint, reason: lastReason)
    }

    private func nextWake() -> Instant? {
        var next = earliest
        switch phase {
        case .disconnected: if waitingCalls > 0 { next = min(next, notBefore) }
        case .connecting(let since), .greeting(let since, _): next = min(next, since + settings.connectTimeout)
        case .ready, .retiring: if let limit = silenceLimit { next = min(next, limit) }
        case .closed: return nil
        }
        return next == .never ? nil : next
    }

    // MARK: Lines

    private mutating func writeWaiting(now: Instant, work: inout Work) {
        guard waitingCalls > 0 else { return }
        if written == 0 { lastHeard = now }
        while written < line.count, work.write.count < settings.batchBytes {
            guard line[written].call != nil else {
                line.remove(at: written)
                continue
            }
            let size = line[written].bytes.count
            waitingCalls -= 1
            waitingBytes -= size
            if work.write.isEmpty {
                // What is large mostly stands alone, and is then not copied.
                swap(&work.write, &line[written].bytes)
            } else {
                work.write += line[written].bytes
                line[written].bytes = []
            }
            written += 1
        }
    }

    /// Calls given up before they were written leave the line once they are at its head.
    private mutating func dropGivenUp() {
        while written == 0, let first = line.first, first.call == nil { line.removeFirst() }
    }

    /// Leaves the connection: what was written may or may not have been executed, what was not waits for the next.
    private mutating func lose(reason: String, now: Instant, work: inout Work) {
        phase = .disconnected
        failures += 1
        notBefore = now + settings.backoff.delay(failures: failures, random: random.next())
        lastReason = reason
        work.disconnect = true
        while written > 0, let entry = line.popFirst() {
            work.fail(entry.call, .connectionLost(reason: reason))
            written -= 1
        }
        // The waiting calls' time is now limited by patience too.
        earliest = waitingCalls > 0 ? now : .never
    }
}

extension ConnectionMachine.Work: Sendable where Call: Sendable {}
