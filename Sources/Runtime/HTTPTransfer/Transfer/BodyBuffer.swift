import Synchronization

/// Bytes of a body between the thread that receives them and the task that reads them; bounded.
final class BodyBuffer: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isHeldUp = false
        var hasEnded = false
        var error: HTTPClientError?
        var reader: CheckedContinuation<Void, Never>?
    }

    enum Taken {
        case piece([UInt8], wasHeldUp: Bool)
        case end(HTTPClientError?)
        case nothingYet
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes bytes in; `false` if the sender must wait until the reader has taken some out, and send them again.
    func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (taken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard state.bytes.isEmpty || state.bytes.count + bytes.count <= limit else {
                state.isHeldUp = true
                return (false, nil)
            }
            state.bytes.append(contentsOf: bytes)
            return (true, state.reader.take())
        }
        reader?.resume()
        return taken
    }

    func end(_ error: HTTPClientError?) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            state.error = error
            return state.reader.take()
        }
        reader?.resume()
    }

    func take() -> Taken {
        state.withLock { state in
            if !state.bytes.isEmpty {
                let piece = state.bytes
                let wasHeldUp = state.isHeldUp
                state.bytes = []
                state.isHeldUp = false
                return .piece(piece, wasHeldUp: wasHeldUp)
            }
            return state.hasEnded ? .end(state.error) : .nothingYet
        }
    }

    /// Waits until there may be something to take.
    func wait() async {
        await withCheckedContinuation { continuation in
            let resumed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                guard state.bytes.isEmpty, !state.hasEnded else { return [continuation] }
                // Of two readers the first is woken in vain; it then waits again.
                let earlier = state.reader
                state.reader = continuation
                return earlier.map { [$0] } ?? []
            }
            for continuation in resumed { continuation.resume() }
        }
    }
}
