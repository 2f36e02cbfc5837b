import Synchronization

/// A caller that awaits its reply.
struct PendingCall: Sendable {
    let continuation: CheckedContinuation<Result<ValkeyValue, ValkeyError>, Never>

    func resume(_ result: Result<ValkeyValue, ValkeyError>) {
        continuation.resume(returning: result)
    }
}

/// Brings a call and its cancellation together, whichever comes first.
final class CallTicket: Sendable {
    private let id = Atomic<UInt64>(0)
    private static let cancelled = UInt64.max

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
