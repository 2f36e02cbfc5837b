import LocalLauncher
import Logging
import Scaling
import ServiceLifecycle

/// Saves what the scaler has learned, every minute and when the server stops.
struct LearnedStateService: Service {
    let launcher: LocalLauncher
    let file: LearnedStateFile
    let logger: Logger
    private let period: Duration = .seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var saved = file.load().states
            var isFailing = false
            while !Task.isCancelled {
                // Cut short by the cancellation that ends the loop; what is known then is saved all the same.
                try? await Task.sleep(for: period)
                let states = LearnedStates(pools: await launcher.learnedStates())
                if states == saved { continue }
                do {
                    try file.save(states)
                    saved = states
                    isFailing = false
                } catch {
                    // Said once, until it works again.
                    if !isFailing { logger.warning("what the scaler has learned is not saved: \(error)") }
                    isFailing = true
                }
            }
        }
    }
}
