import NIOCore
import NIOPosix
import Synchronization

/// The client's one thread, started by the first command.
///
/// A worker is forked from a process that has no thread, so making a client must not start any.
final class LazyLoop: Sendable {
    private let group = Mutex<MultiThreadedEventLoopGroup?>(nil)

    /// The event loop; the first time it is asked for, its thread starts.
    func get() -> any EventLoop {
        group.withLock { group in
            if let group { return group.next() }
            let started = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            group = started
            return started.next()
        }
    }

    /// Ends the thread, if there is one.
    func shutDown() async {
        let group = group.withLock { $0.take() }
        // Fails only for a group that is already shut down.
        try? await group?.shutdownGracefully()
    }
}
