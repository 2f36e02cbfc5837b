/// What a thread looks after beside its own work, such as the socket of a client that handlers share.
///
/// So a reply is read, and who waited for it goes on, without another thread being woken. The host calls all of this, one
/// call after the other.
package protocol HostedSource: AnyObject, Sendable {
    /// What to wait for; nil for nothing.
    var descriptor: CInt? { get }
    /// Whether to wait for room to write as well.
    var isFull: Bool { get }
    /// When to be looked after though nothing came, on the monotonic clock (nanoseconds).
    var wakeAt: Int64? { get }

    /// The host is at work, and does not rest before `flush`: it need not be woken.
    func begin()

    /// Something came, or there is room.
    func ready()

    /// Does what there is to do, before the host rests.
    func flush()
}

/// Who waits for a source beside other work of the thread's own, as a worker's reader does.
package protocol SourceHost: Sendable {
    /// Whether the caller may attach a source; there is one.
    func claim() -> Bool

    /// Has a source looked after from now on.
    func attach(_ source: any HostedSource)

    /// Has the source looked after soon; from any thread.
    func wake()
}
