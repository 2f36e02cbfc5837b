package import Hosting
import Synchronization

/// A reader as what it looks after sees it.
package final class TurnHost: SourceHost {
    /// The host of the worker that makes its handler ready in this task; nil where it looks after nothing.
    @TaskLocal package static var current: TurnHost?

    private struct State {
        var isClaimed = false
        var source: (any HostedSource)?
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
    package func attach(_ source: any HostedSource) {
        state.withLock { $0.source = source }
        call.now()
    }

    /// Has the reader look after the source soon; from any thread.
    package func wake() {
        call.now()
    }

    var source: (any HostedSource)? { state.withLock { $0.source } }
}
