import Synchronization

/// What a reader looks after beside its own connection, such as the socket of a client that handlers share.
///
/// So a reply is read, and who waited for it goes on, without another thread being woken. Whoever is the reader calls
/// all of this, one after the other.
package protocol TurnSource: AnyObject, Sendable {
    /// What to wait for; nil for nothing.
    var descriptor: CInt? { get }
    /// Whether to wait for room to write as well.
    var isFull: Bool { get }
    /// When to be looked after though nothing came, on the monotonic clock (nanoseconds).
    var wakeAt: Int64? { get }

    /// The reader is at work, and does not rest before `flush`: it need not be woken.
    func begin()

    /// Something came, or there is room.
    func ready()

    /// Does what there is to do, before the reader rests.
    func flush()
}

/// A reader as what it looks after sees it.
package final class TurnHost: Sendable {
    /// The host of the worker that makes its handler ready in this task; nil where it looks after nothing.
    @TaskLocal package static var current: TurnHost?

    private struct State {
        var isClaimed = false
        var source: (any TurnSource)?
    }

    private let state = Mutex(State())
    private let call: Wake

    /// `wake` is rung for a reader that rests.
    init(wake: Wake) {
        call = wake
    }

    /// Whether the caller may attach a source; the reader looks after one.
    package func claim() -> Bool {
        state.withLock { state in
            defer { state.isClaimed = true }
            return !state.isClaimed
        }
    }

    /// Has a source looked after from now on.
    package func attach(_ source: any TurnSource) {
        state.withLock { $0.source = source }
        call.now()
    }

    /// Has the reader look after the source soon; from any thread.
    package func wake() {
        call.now()
    }

    var source: (any TurnSource)? { state.withLock { $0.source } }
}
