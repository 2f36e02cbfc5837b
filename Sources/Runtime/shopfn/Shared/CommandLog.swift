import LogOutput
import Logging

/// The log of commands that run servers or functions.
enum CommandLog {
    /// Has everything logged as `SHOPFN_LOG_FORMAT` and `SHOPFN_LOG_LEVEL` say, and warns where they say nothing known.
    static func begin() {
        LogSettings.bootstrap()
        let logger = Logger(label: "shopfn")
        for mistake in LogSettings.mistakes { logger.warning("\(mistake)") }
    }
}
