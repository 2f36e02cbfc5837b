import Glibc
import Logging

/// How this process logs.
package struct LogSettings: Sendable {
    enum Format: String, Sendable, CaseIterable {
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
        if let format = variable(formatName).flatMap(Format.init) { settings.format = format }
        if let level = variable(levelName).flatMap({ Logger.Level(rawValue: $0.lowercased()) }) {
            settings.level = level
        }
        return settings
    }

    /// What of that is none of what they may say, each with what they may; a sentence without its full stop.
    package static var mistakes: [String] {
        mistakes(format: variable(formatName), level: variable(levelName))
    }

    static func mistakes(format: String?, level: String?) -> [String] {
        var mistakes: [String] = []
        if let format, !format.isEmpty, Format(rawValue: format) == nil {
            mistakes.append(mistake(formatName, format, Format.allCases.map(\.rawValue)))
        }
        if let level, !level.isEmpty, Logger.Level(rawValue: level.lowercased()) == nil {
            mistakes.append(mistake(levelName, level, Logger.Level.allCases.map(\.rawValue)))
        }
        return mistakes
    }

    private static func mistake(_ name: String, _ value: String, _ known: [String]) -> String {
        "\(name) is '\(value)', which is none of \(known.joined(separator: ", ")); it is not heeded"
    }

    private static let formatName = "SHOPFN_LOG_FORMAT"
    private static let levelName = "SHOPFN_LOG_LEVEL"

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Makes every `Logger(label:)` of the process, those of libraries too, write as functions do.
    package static func bootstrap() {
        LoggingSystem.bootstrap { label in StandardErrorLog(settings: .ofProcess, base: ["logger": "\(label)"]) }
    }
}
