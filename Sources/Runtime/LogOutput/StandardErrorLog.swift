import Glibc
package import Logging

/// Writes one line a record to standard error, each with one call, so that lines of several threads and processes
/// do not mix.
package struct StandardErrorLog: LogHandler {
    package var metadata: Logger.Metadata
    package var logLevel: Logger.Level
    package var metadataProvider: Logger.MetadataProvider?
    private let format: LogSettings.Format

    package init(settings: LogSettings, base: Logger.Metadata) {
        metadata = base
        logLevel = settings.level
        format = settings.format
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let record = LogRecord(
            seconds: Int64(now.tv_sec),
            milliseconds: now.tv_nsec / 1_000_000,
            level: event.level,
            message: event.message.description,
            metadata: all
        )
        let line = record.line(format)
        // A log that cannot be written is lost; there is nowhere to say so.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
