import Synchronization
import Time

/// Calls on their way from any thread to the event loop.
///
/// Callers hold this lock for the time of an append, never while the loop works on the line of calls; and they wake the
/// loop only if it rests, so that what comes while it works is written together.
final class CallInbox: Sendable {
    struct Order: Sendable {
        let call: PendingCall
        let bytes: [UInt8]
        let replies: Int
        let deadline: Instant
        let entered: Instant
    }

    enum Receipt {
        case taken
        /// Taken, and the loop must be told to look.
        case mustWake
        case closed
    }

    private struct State: Sendable {
        var orders: [Order] = []
        /// Whether the loop is at work, or told to be; it looks here again before it rests.
        var isAwake = false
        var isClosed = false
    }

    private let state = Mutex(State())

    func post(_ order: Order) -> Receipt {
        state.withLock { state in
            if state.isClosed { return .closed }
            state.orders.append(order)
            if state.isAwake { return .taken }
            state.isAwake = true
            return .mustWake
        }
    }

    /// What was posted since, put in place of an empty list; the loop counts as awake from here on.
    func take(into orders: inout [Order]) {
        state.withLock { state in
            swap(&orders, &state.orders)
            state.isAwake = true
        }
    }

    /// The loop is at work, and looks here before it rests.
    func awake() {
        state.withLock { $0.isAwake = true }
    }

    /// Lets the loop rest; `false` if something was posted meanwhile.
    func rest() -> Bool {
        state.withLock { state in
            guard state.orders.isEmpty else { return false }
            state.isAwake = false
            return true
        }
    }

    /// Takes no more; returns what was not yet taken out.
    func close() -> [Order] {
        state.withLock { state in
            state.isClosed = true
            let left = state.orders
            state.orders = []
            return left
        }
    }
}
