import Dispatch
import Synchronization
import Time

/// Waits for a moment or for somebody's call, whichever comes first; for one waiter.
final class WakeUp: Sendable {
    private struct State: Sendable {
        var waiter: CheckedContinuation<Void, Never>?
        var round = 0
        /// Whether somebody called while nobody waited.
        var isCalled = false
    }

    private let state = Mutex(State())

    /// Ends the wait, or the next one.
    func call() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isCalled = state.waiter == nil
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Waits until the moment, a call, or the end of the task.
    func wait(until moment: Instant?) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let round = state.withLock { state -> Int? in
                    if state.isCalled || Task.isCancelled {
                        state.isCalled = false
                        return nil
                    }
                    state.round += 1
                    state.waiter = continuation
                    return state.round
                }
                guard let round else {
                    continuation.resume()
                    return
                }
                guard let moment else { return }
                let deadline = DispatchTime(uptimeNanoseconds: UInt64(max(moment.nanoseconds, 0)))
                DispatchQueue.global().asyncAfter(deadline: deadline) { self.end(round) }
            }
        } onCancel: {
            call()
        }
    }

    private func end(_ round: Int) {
        let waiter = state.withLock { state in state.round == round ? state.waiter.take() : nil }
        waiter?.resume()
    }
}
