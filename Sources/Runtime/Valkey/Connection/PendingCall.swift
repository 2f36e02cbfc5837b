import Synchronization

/// A caller that awaits its reply; brings its call and its cancellation together, whichever comes first.
final class PendingCall: Sendable {
    typealias Outcome = Result<ValkeyValue, ValkeyError>

    private let id = Atomic<UInt64>(0)
    private static let cancelled = UInt64.max
    // Set once before the call is handed to the machine, read once after the machine gave it back; the lock that
    // guards the machine lies between.
    private nonisolated(unsafe) var continuation: UnsafeContinuation<Outcome, Never>?
    private let completion: (@Sendable (Outcome) -> Void)?

    /// - Parameter completion: Told the outcome, on the client's own thread, where no task awaits it.
    init(completion: (@Sendable (Outcome) -> Void)? = nil) {
        self.completion = completion
    }

    func awaitOutcome(_ continuation: UnsafeContinuation<Outcome, Never>) {
        self.continuation = continuation
    }

    /// Tells the caller; the machine gives every call back exactly once.
    func resume(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        completion?(outcome)
    }

    /// Notes the call's id; `false` if the call was cancelled before.
    func issue(_ id: UInt64) -> Bool {
        self.id.compareExchange(expected: 0, desired: id, ordering: .acquiringAndReleasing).exchanged
    }

    /// Notes that the call is cancelled; returns its id if it already has one.
    func cancel() -> UInt64? {
        let id = id.exchange(Self.cancelled, ordering: .acquiringAndReleasing)
        return id == 0 || id == Self.cancelled ? nil : id
    }
}
