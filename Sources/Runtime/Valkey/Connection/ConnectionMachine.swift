import DequeModule
import Randomness
package import Time

/// What happens next on the one connection to a server: pure, fed with events and the time, asked for work.
///
/// Replies come in the order of their commands, so the machine keeps the commands that were written in a line and
/// gives each reply to the one at its head. A call that is given up (cancelled, out of time) leaves its place in the
/// line: the reply that arrives for it is thrown away there, and no other call ever gets it.
///
/// Every attempt to connect has a number of its own, the epoch. Events of an earlier epoch are ignored, so nothing that
/// an old connection still delivers can reach a call of the new one.
package struct ConnectionMachine<Call> {
    package typealias CallID = UInt64
    package typealias Epoch = UInt64

    enum Phase {
        /// Not connected; the next attempt may start once `notBefore` has passed and a call waits.
        case disconnected
        case connecting(since: Instant)
        /// Connected; the replies to the greeting (password, database, ping) are awaited.
        case greeting(since: Instant, missing: Int)
        case ready
        /// As ready, but nothing more is written: the connection ends when the last reply is there.
        case retiring
        case closed
    }

    struct Entry {
        let id: CallID
        /// `nil` once the call was given up.
        var call: Call?
        /// What to write; emptied once written.
        var bytes: [UInt8]
        /// Replies still to come.
        var missing: Int
        var replies: [ValkeyValue] = []
        let deadline: Instant
        let entered: Instant
    }

    let settings: ConnectionSettings
    var phase = Phase.disconnected
    var epoch: Epoch = 0
    var notBefore = Instant.origin
    var failures = 0
    /// Why there is no connection, for the calls that wait in vain.
    var lastReason = "no connection was attempted yet"
    var random: SeededRandom

    /// All calls, oldest first: the written ones, whose replies come next, then those that wait to be written.
    var line = Deque<Entry>()
    /// How many of the line's first calls are written.
    var written = 0
    /// Calls that wait to be written and are not given up, and their bytes.
    var waitingCalls = 0
    var waitingBytes = 0
    var lastID: CallID = 0
    /// When bytes last came, or, with nothing in flight, when the line was last empty.
    var lastHeard = Instant.origin
    /// No call runs out of time before this.
    var earliest = Instant.never

    package init(settings: ConnectionSettings, seed: UInt64) {
        self.settings = settings
        random = SeededRandom(seed: seed)
    }

    // MARK: Calls

    package enum Submission {
        /// Taken; the driver is to ask for work soon.
        case accepted(CallID)
        case refused(ValkeyError)
    }

    /// Takes a call that is answered by a number of replies.
    package mutating func submit(
        _ call: Call,
        bytes: [UInt8],
        replies: Int,
        deadline: Instant,
        now: Instant
    ) -> Submission {
        if case .closed = phase { return .refused(.closed) }
        guard line.count < settings.maxPending else {
            return .refused(.overloaded("\(line.count) calls await their replies, the most allowed"))
        }
        guard waitingBytes == 0 || waitingBytes + bytes.count <= settings.maxWaitingBytes else {
            return .refused(.overloaded("\(waitingBytes) bytes wait to be sent, about the most allowed"))
        }
        lastID += 1
        waitingCalls += 1
        waitingBytes += bytes.count
        line.append(
            Entry(id: lastID, call: call, bytes: bytes, missing: replies, deadline: deadline, entered: now)
        )
        earliest = min(earliest, isReady ? deadline : min(deadline, now + settings.patience))
        return .accepted(lastID)
    }

    /// Gives a call up; returns it if it was still there, and whether the server may execute it.
    package mutating func cancel(_ id: CallID) -> (call: Call, maybeExecuted: Bool)? {
        guard let index = line.position(of: id) else { return nil }
        if index >= written { return giveUpWaiting(at: index).map { ($0, false) } }
        guard let call = line[index].call else { return nil }
        line[index].call = nil
        return (call, true)
    }

    /// Ends everything; all later calls are refused.
    package mutating func close() -> Work {
        var work = Work()
        if case .closed = phase { return work }
        phase = .closed
        epoch += 1
        work.disconnect = true
        for (index, entry) in line.enumerated() {
            work.fail(entry.call, index < written ? .connectionLost(reason: "the client was closed") : .closed)
        }
        line.removeAll()
        written = 0
        waitingCalls = 0
        waitingBytes = 0
        return work
    }

    mutating func giveUpWaiting(at index: Int) -> Call? {
        guard let call = line[index].call else { return nil }
        waitingCalls -= 1
        waitingBytes -= line[index].bytes.count
        line[index].call = nil
        line[index].bytes = []
        return call
    }

    var isReady: Bool {
        if case .ready = phase { true } else { false }
    }
}

extension ConnectionMachine: Sendable where Call: Sendable {}
extension ConnectionMachine.Phase: Sendable {}
extension ConnectionMachine.Entry: Sendable where Call: Sendable {}

extension Deque {
    /// Where the entry with an id stands; the ids in the line only rise.
    fileprivate func position<Call>(of id: UInt64) -> Int? where Element == ConnectionMachine<Call>.Entry {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].id == id ? low : nil
    }
}

extension Instant {
    static let never = Instant(nanoseconds: .max)
}
