package import Kubernetes
package import Logging
import Synchronization

/// Keeps what the policies learned in a ConfigMap, for a scaler that leads or for several that hear the same.
///
/// Who has not read what is kept does not write over it. Several that have, have since heard all the same, so any of
/// them may write, and the last one stands.
package final class StateKeeper: Sendable {
    private struct State {
        /// What is kept, as last read or written; `nil` until it was read.
        var kept: [String: [UInt8]]?
        var isFailing = false
    }

    private let store: StateStore
    private let logger: Logger
    private let state = Mutex(State())

    /// `writer` is whose fields the API server takes the states for.
    package init(client: KubernetesClient, name: String, namespace: String, writer: String, logger: Logger) {
        store = StateStore(client: client, name: name, namespace: namespace, writer: writer)
        self.logger = logger
    }

    /// Whether what is kept was read.
    package var isRead: Bool { state.withLock { $0.kept != nil } }

    /// What is kept by function, as last read or written.
    package var kept: [String: [UInt8]] { state.withLock { $0.kept ?? [:] } }

    /// What is kept by function, `nil` where it cannot be read.
    package func read() async -> [String: [UInt8]]? {
        do throws(KubernetesError) {
            let states = try await store.load()
            state.withLock { $0 = State(kept: states) }
            return states
        } catch {
            complain("what was learned before cannot be read, the pools learn anew meanwhile: \(error)")
            return nil
        }
    }

    /// Writes as many states as fit, the most used pools' first; not where they are kept already.
    package func write(_ states: [(function: String, arrivals: UInt64, state: [UInt8])]) async {
        let (fitting, left) = StateStore.fit(states)
        guard let kept = state.withLock({ $0.kept }), fitting != kept else { return }
        if left > 0 { logger.warning("what \(left) pools learned is not saved: a ConfigMap holds no more") }
        do throws(KubernetesError) {
            try await store.save(fitting)
            state.withLock { $0 = State(kept: fitting) }
        } catch {
            complain("what was learned cannot be saved: \(error)")
        }
    }

    /// Said once, until it works again.
    private func complain(_ words: String) {
        let wasFailing = state.withLock { state in
            defer { state.isFailing = true }
            return state.isFailing
        }
        logger.log(level: wasFailing ? .debug : .warning, "\(words)")
    }
}
