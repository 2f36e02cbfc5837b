package import GatewayDemand
import Synchronization

/// What is new of the gateways, batch by batch; for one reader.
///
/// Each element is all that is new since the one before, at least one event. The sequence ends with the feed.
package struct DemandBatches: AsyncSequence, Sendable {
    let inbox: DemandInbox

    package func makeAsyncIterator() -> Iterator { Iterator(inbox: inbox) }

    package struct Iterator: AsyncIteratorProtocol {
        let inbox: DemandInbox

        package mutating func next() async -> [DemandEvent]? { await inbox.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> [DemandEvent]? {
            await inbox.next()
        }
    }
}

/// The table of news with the reader that waits for some.
final class DemandInbox: Sendable {
    private struct State {
        var table = DemandTable()
        var reader: CheckedContinuation<[DemandEvent]?, Never>?
        var isOver = false
    }

    private let state = Mutex(State())

    /// Changes the table; a reader that waits gets what is new by that.
    func change(_ body: (inout DemandTable) -> Void) {
        let (reader, events) = state.withLock { state -> (CheckedContinuation<[DemandEvent]?, Never>?, [DemandEvent]) in
            body(&state.table)
            guard let reader = state.reader, state.table.hasNews else { return (nil, []) }
            state.reader = nil
            return (reader, state.table.take())
        }
        reader?.resume(returning: events)
    }

    /// No more comes.
    func end() {
        let reader = state.withLock { state in
            state.isOver = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// What is new; waits until there is something.
    ///
    /// `nil` at the end, on cancellation, and for a second reader.
    func next() async -> [DemandEvent]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state -> [DemandEvent]?? in
                    if Task.isCancelled || state.reader != nil { return .some(nil) }
                    if state.table.hasNews { return .some(state.table.take()) }
                    if state.isOver { return .some(nil) }
                    state.reader = continuation
                    return .none
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
