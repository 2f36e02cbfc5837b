/// How a worker logs, from the environment.
package struct LogSettings: Sendable {
    enum Format: String, Sendable {
        /// `time level message key=value …` (logfmt values)
        case text
        /// One JSON object a line.
        case json
    }

    var format = Format.text
    var level = Logger.Level.info

    /// What `SHOPFN_LOG_FORMAT` and `SHOPFN_LOG_LEVEL` say; what they say wrongly is left at the default.
    static func read(_ environment: Environment) -> LogSettings {
        var settings = LogSettings()
        if let format = environment["SHOPFN_LOG_FORMAT"].flatMap(Format.init) { settings.format = format }
        if let level = environment["SHOPFN_LOG_LEVEL"].flatMap({ Logger.Level(rawValue: $0.lowercased()) }) {
            settings.level = level
        }
        return settings
    }

    /// Makes every `Logger(label:)` of the process, those of libraries too, write as functions do.
    package static func bootstrap() {
        LoggingSystem.bootstrap { label in StandardErrorLog(settings: .read(.process), base: ["logger": "\(label)"]) }
    }
}

extension Logger {
    /// The logger of a function in a worker.
    static func function(_ function: String, worker: String) -> Logger {
        Logger(label: function) { _ in
            StandardErrorLog(settings: .read(.process), base: ["function": "\(function)", "worker": "\(worker)"])
        }
    }

    /// The logger of a module's process.
    static func function(module: String) -> Logger {
        Logger(label: module) { _ in StandardErrorLog(settings: .read(.process), base: ["module": "\(module)"]) }
    }
}
