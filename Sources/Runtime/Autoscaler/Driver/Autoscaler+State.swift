import Kubernetes
import Logging
import Time

extension Autoscaler {
    func restore() async {
        let store = StateStore(client: client, name: settings.stateName, namespace: settings.namespace)
        do throws(KubernetesError) {
            saved = try await store.load()
        } catch {
            logger.warning("what was learned before cannot be read, the pools learn anew: \(error)")
        }
    }

    nonisolated func saveNowAndThen() async {
        while !Task.isCancelled {
            // Cut short by the cancellation that ends the loop.
            try? await Task.sleep(for: settings.saveEvery)
            if !Task.isCancelled, isLeader { await save() }
        }
    }

    func save() async {
        let (states, left) = StateStore.fit(core.savedStates(now: .current))
        guard states != saved else { return }
        if left > 0 { logger.warning("what \(left) pools learned is not saved: a ConfigMap holds no more") }
        let store = StateStore(client: client, name: settings.stateName, namespace: settings.namespace)
        do throws(KubernetesError) {
            try await store.save(states)
            saved = states
        } catch {
            logger.warning("what was learned cannot be saved: \(error)")
        }
    }
}
