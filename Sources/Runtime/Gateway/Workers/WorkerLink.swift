import Dispatching
import NIOCore
import WorkerProtocol

/// A connected worker, from any thread.
struct WorkerLink: Sendable {
    let name: String
    let loop: any EventLoop
    let connection: NIOLoopBound<WorkerConnection>

    /// Appends frames to what the worker is sent next.
    ///
    /// On the worker's own loop they are written in place; elsewhere they are carried over.
    func send(_ write: (inout [UInt8]) -> Void) {
        if loop.inEventLoop {
            connection.value.send(write)
        } else {
            var frames: [UInt8] = []
            write(&frames)
            loop.execute { [frames] in
                connection.value.send { $0.append(contentsOf: frames) }
            }
        }
    }

    /// Tells the worker that nobody waits for this invocation any more.
    func cancel(_ id: InvocationID, _ reason: CancelReason) {
        send { out in
            // A frame of fixed size always fits.
            try? GatewayFrame.cancel(id: id.raw, reason).append(to: &out)
        }
    }

    /// Tells the worker that some wait here for slots it may have elsewhere.
    func want(_ slots: Int) {
        send { out in
            // A frame of fixed size always fits.
            try? GatewayFrame.want(slots: UInt16(clamping: slots)).append(to: &out)
        }
    }

    /// Tells the worker that slots it asked back are its own again.
    func giveBack(_ slots: Int) {
        send { out in
            // A frame of fixed size always fits.
            try? GatewayFrame.reclaimed(slots: UInt16(clamping: slots)).append(to: &out)
        }
    }

    /// Has the worker leave: it finishes what it has and exits.
    func drain() {
        if loop.inEventLoop {
            connection.value.drain()
        } else {
            loop.execute { connection.value.drain() }
        }
    }

    /// Ends the connection.
    func close() {
        if loop.inEventLoop {
            connection.value.close()
        } else {
            loop.execute { connection.value.close() }
        }
    }
}
