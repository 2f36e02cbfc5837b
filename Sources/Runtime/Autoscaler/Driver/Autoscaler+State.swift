import Time

extension Autoscaler {
    nonisolated func saveNowAndThen() async {
        while !Task.isCancelled {
            // Cut short by the cancellation that ends the loop.
            try? await Task.sleep(for: settings.saveEvery)
            if !Task.isCancelled, isLeader { await save() }
        }
    }

    func save() async {
        if !keeper.isRead, let saved = await keeper.read() {
            act { $0.restore(saved, now: $1) }
            return
        }
        await keeper.write(core.savedStates(now: .current))
    }
}
