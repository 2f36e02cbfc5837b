import Logging
import ServiceLifecycle
import UnixSignals

/// Takes up a changed manifest or a rebuilt module: on SIGHUP, and where asked for whenever a file changes.
struct ReloadService: Service {
    /// Reads the manifest anew; throws when it has mistakes, after showing them.
    let load: @Sendable () throws -> LoadedManifest
    /// Puts it in force.
    let apply: @Sendable (LoadedManifest) async throws -> Void
    /// What to watch, in the form of something that changes when the files do; `nil` to wait for SIGHUP only.
    var fingerprint: (@Sendable () -> String)?
    /// Called once signals are heeded: before that, one would end the process.
    let whenReady: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await reloadOnSignal() }
                if let fingerprint { group.addTask { await watch(fingerprint) } }
            }
        }
    }

    private func reloadOnSignal() async {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        // The group that runs this traps the signals that end it before it starts its services.
        whenReady()
        for await _ in signals { await reload() }
    }

    private func watch(_ fingerprint: @Sendable () -> String) async {
        var known = fingerprint()
        while !Task.isCancelled {
            // Cut short by the cancellation that ends the loop.
            try? await Task.sleep(for: .milliseconds(300))
            let current = fingerprint()
            guard current != known else { continue }
            // A linker or an editor may still be writing: wait until nothing changes.
            try? await Task.sleep(for: .milliseconds(300))
            guard fingerprint() == current else { continue }
            known = current
            await reload()
        }
    }

    private func reload() async {
        do {
            let manifest = try load()
            try await apply(manifest)
            logger.info("reloaded \(manifest.path)")
        } catch {
            let reason = (error as? CommandFailure)?.message ?? "\(error)"
            logger.error("not reloaded, the functions stay as they are: \(reason)")
        }
    }
}
