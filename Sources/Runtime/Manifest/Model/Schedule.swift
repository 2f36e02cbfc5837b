import Time

/// When the passing of time invokes a function.
package enum Schedule: Sendable, Hashable {
    /// Again and again after an interval.
    case every(Duration)
    /// At the minutes a cron expression matches, in a time zone of the IANA database.
    case cron(CronExpression, timeZone: String)

    /// The schedule as a manifest would write it in one line.
    package var text: String {
        switch self {
        case .every(let interval): "every \(DurationText.text(interval))"
        case .cron(let expression, let zone): zone == "UTC" ? expression.text : "\(expression.text) (\(zone))"
        }
    }
}

/// A stretch of time in which a pool keeps at least so many workers.
package struct ScaleWindow: Sendable, Hashable {
    /// When the window opens.
    package var start: CronExpression
    /// When it closes.
    package var end: CronExpression
    /// The IANA time zone in which both are read.
    package var timeZone: String
    /// The least number of workers meanwhile.
    package var min: Int

    package init(start: CronExpression, end: CronExpression, timeZone: String, min: Int) {
        self.start = start
        self.end = end
        self.timeZone = timeZone
        self.min = min
    }
}
