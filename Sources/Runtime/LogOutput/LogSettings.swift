import Glibc
import Logging

/// How this process logs.
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
    package static var ofProcess: LogSettings {
        var settings = LogSettings()
        if let format = variable("SHOPFN_LOG_FORMAT").flatMap(Format.init) { settings.format = format }
        if let level = variable("SHOPFN_LOG_LEVEL").flatMap({ Logger.Level(rawValue: $0.lowercased()) }) {
            settings.level = level
        }
        return settings
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Makes every `Logger(label:)` of the process, those of libraries too, write as functions do.
    package static func bootstrap() {
        LoggingSystem.bootstrap { label in StandardErrorLog(settings: .ofProcess, base: ["logger": "\(label)"]) }
    }
}
