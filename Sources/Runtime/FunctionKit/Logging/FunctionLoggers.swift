import LogOutput

extension Logger {
    /// The logger of a function in a worker.
    static func function(_ function: String, worker: String) -> Logger {
        Logger(label: function) { _ in
            StandardErrorLog(settings: .ofProcess, base: ["function": "\(function)", "worker": "\(worker)"])
        }
    }

    /// The logger of a module's process.
    static func function(module: String) -> Logger {
        Logger(label: module) { _ in StandardErrorLog(settings: .ofProcess, base: ["module": "\(module)"]) }
    }
}
