import CShims
import Glibc
import Synchronization
import WorkerProtocol

/// The way out of a worker: frames of all invocations, written by one thread at a time.
///
/// Whoever finds nobody writing writes for everybody: what others append meanwhile goes out with its next write.
/// No write waits; when the socket is full, the read loop goes on with it once there is room.
final class Outbox: Sendable {
    private struct State {
        /// Frames to send.
        var pending: [UInt8] = []
        /// An empty array with capacity, kept to be `pending` while another is written.
        var spare: [UInt8] = []
        /// A thread is writing, or the socket is full and the read loop will.
        var isTaken = false
        var isFull = false
        /// More will follow at once: nobody writes yet.
        var isCorked = false
        var isBroken = false

        /// The bytes to write, when there are any and nobody is writing.
        mutating func take() -> [UInt8]? {
            guard !isTaken, !isCorked, !isBroken, !pending.isEmpty else { return nil }
            isTaken = true
            let bytes = pending
            pending = spare
            spare = []
            return bytes
        }
    }

    private let transport: Transport
    private let wake: Wake
    private let state = Mutex(State())

    init(transport: Transport, wake: Wake) {
        self.transport = transport
        self.wake = wake
    }

    /// Encodes a frame into the outgoing bytes and sends them, unless somebody is at it.
    func send(_ encode: (inout [UInt8]) throws(ProtocolViolation) -> Void) throws(ProtocolViolation) {
        let mine = try state.withLock { (state) throws(ProtocolViolation) -> [UInt8]? in
            guard !state.isBroken else { return nil }
            try encode(&state.pending)
            return state.take()
        }
        if let mine { write(mine) }
    }

    /// Keeps what is sent from now on back, so that it goes out together.
    func cork() {
        state.withLock { $0.isCorked = true }
    }

    /// Sends what was kept back.
    func uncork() {
        let mine = state.withLock { state in
            state.isCorked = false
            return state.take()
        }
        if let mine { write(mine) }
    }

    /// Whether the socket was full when it was last written to; the read loop then waits for room.
    var isFull: Bool { state.withLock { $0.isFull } }

    /// Nothing more is written: the connection is over.
    func abandon() {
        state.withLock { state in
            state.isBroken = true
            state.pending = []
        }
    }

    /// Whether a thread is at the socket.
    var isWriting: Bool { state.withLock { $0.isTaken && !$0.isFull } }

    /// Whether everything that was sent has left the process, or never will.
    var isEmpty: Bool { state.withLock { $0.isBroken || ($0.pending.isEmpty && !$0.isTaken) } }

    /// Goes on writing after the socket was full; called by the read loop.
    func resume() {
        let mine = state.withLock { state -> [UInt8]? in
            guard state.isFull else { return nil }
            state.isFull = false
            state.isTaken = false
            return state.take()
        }
        if let mine { write(mine) }
    }

    private func write(_ first: [UInt8]) {
        var bytes = first
        while true {
            let written: Int?
            do {
                written = try bytes.withRawBytes { (bytes) throws(SystemError) in try sendAll(bytes) }
            } catch {
                state.withLock { state in
                    state.isBroken = true
                    state.isTaken = false
                    state.pending = []
                }
                // The read loop sees the same broken connection and ends the worker.
                return wake.now()
            }
            let next = state.withLock { state -> [UInt8]? in
                if let written {
                    bytes.removeFirst(written)
                    bytes.append(contentsOf: state.pending)
                    state.pending = bytes
                    state.isFull = true
                    return nil
                }
                state.isTaken = false
                if bytes.capacity <= Self.keptCapacity {
                    bytes.removeAll(keepingCapacity: true)
                    state.spare = bytes
                }
                return state.take()
            }
            if written != nil { return wake.now() }
            guard let next else { return }
            bytes = next
        }
    }

    /// Sends until all is sent (nil) or the socket is full (how much went).
    private func sendAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        var sent = 0
        while sent < bytes.count {
            guard let count = try transport.send(UnsafeRawBufferPointer(rebasing: bytes[sent...])) else {
                return sent
            }
            sent += count
        }
        return nil
    }

    /// Capacity worth keeping between writes; a burst's larger array is given back.
    private static let keptCapacity = 256 << 10
}

/// Wakes the read loop out of its poll.
struct Wake: Sendable {
    let descriptor: CInt

    init() throws(SystemError) {
        descriptor = shopfn_eventfd()
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    func now() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Makes the descriptor wait again.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
