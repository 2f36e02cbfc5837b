/// Schedules that invoke functions, and windows that keep workers.
extension ManifestChecker {
    private static let interval = Duration.seconds(1)...Duration.seconds(86_400 * 7)

    /// `every 10s`, a cron expression, or a mapping of one of both.
    mutating func schedule(_ entry: YAMLEntry) -> Schedule? {
        if case .mapping = entry.value.content { return scheduleMapping(entry) }
        guard let (text, _, position) = scalar(entry, example: "every 10s") else { return nil }
        let words = text.split(separator: " ")
        guard words.first == "every" else {
            if let translation = ForeignSchedule.translation(of: text) {
                report(.badSchedule, position, "'\(text)' is no schedule here", fix: "write \(translation)")
                return nil
            }
            return cron(text, at: position).map { .cron($0, timeZone: "UTC") }
        }
        guard words.count == 2 else {
            report(
                .badSchedule,
                position,
                "'\(text)' is not 'every' and one duration",
                fix: "write as in 'every 10s'"
            )
            return nil
        }
        return every(
            YAMLEntry(
                key: "every",
                keyPosition: entry.keyPosition,
                value: YAMLNode(
                    content: .scalar(String(words[1]), isQuoted: true),
                    position: position
                )
            )
        )
    }

    private mutating func scheduleMapping(_ entry: YAMLEntry) -> Schedule? {
        guard let fields = fields(of: entry.value, known: ManifestKeys.schedule, what: "'schedule'") else { return nil }
        let zone = timeZone(fields["timezone"])
        switch (fields["every"], fields["cron"]) {
        case (let interval?, nil):
            if let zoneEntry = fields["timezone"] {
                report(
                    .conflictingKeys,
                    zoneEntry.keyPosition,
                    "an interval has no time zone",
                    fix: "remove 'timezone', or write a 'cron' expression instead of 'every'"
                )
                return nil
            }
            return every(interval)
        case (nil, let expression?):
            guard let (text, _, position) = scalar(expression, example: "\"0 3 * * *\"") else { return nil }
            guard let cron = cron(text, at: position), let zone else { return nil }
            return .cron(cron, timeZone: zone)
        case (let interval?, let expression?):
            report(
                .conflictingKeys,
                expression.keyPosition,
                "the schedule has both 'every' and 'cron'",
                fix: "keep one of them",
                related: [.init(position: interval.keyPosition, message: "'every' is here")]
            )
            return nil
        case (nil, nil):
            report(
                .missingKey,
                entry.keyPosition,
                "the schedule has no 'every' and no 'cron'",
                fix: "add 'every: 10s', or 'cron: \"0 3 * * *\"'"
            )
            return nil
        }
    }

    private mutating func every(_ entry: YAMLEntry) -> Schedule? {
        duration(entry, range: Self.interval).map { .every($0) }
    }

    private mutating func cron(_ text: String, at position: SourcePosition) -> CronExpression? {
        do throws(ValueError) {
            return try CronExpression(parsing: text)
        } catch {
            var error = error
            if !text.contains(" ") {
                error.fix = "write 'every 10s', or a cron expression such as \"*/5 * * * *\""
                error.message = "'\(text)' is no schedule"
            }
            report(error, at: position)
            return nil
        }
    }

    /// `scale.schedule`: a list of windows.
    mutating func windows(_ entry: YAMLEntry) -> [Located<ScaleWindow>]? {
        guard case .sequence(let items) = entry.value.content else {
            if case .broken = entry.value.content { return nil }
            report(
                .wrongType,
                entry.value.isNull ? entry.keyPosition : entry.value.position,
                "'schedule' within 'scale' must be a list of windows, and this is \(entry.value.kind)",
                fix: "write '- { start: \"0 8 * * *\", end: \"0 20 * * *\", min: 2 }' below it"
            )
            return nil
        }
        return items.compactMap { window($0) }
    }

    private mutating func window(_ node: YAMLNode) -> Located<ScaleWindow>? {
        guard let fields = fields(of: node, known: ManifestKeys.scaleWindow, what: "a window of 'schedule'") else {
            return nil
        }
        let start = bound("start", fields, of: node)
        let end = bound("end", fields, of: node)
        let zone = timeZone(fields["timezone"])
        let min = required("min", fields, at: node.position, in: "the window").flatMap { whole($0, range: 1...10_000) }
        guard let start, let end, let zone, let min else { return nil }
        return Located(
            value: ScaleWindow(start: start, end: end, timeZone: zone, min: min.value),
            position: min.position
        )
    }

    private mutating func bound(_ key: String, _ fields: [String: YAMLEntry], of node: YAMLNode) -> CronExpression? {
        guard let entry = required(key, fields, at: node.position, in: "the window"),
            let (text, _, position) = scalar(entry, example: "\"0 8 * * *\"")
        else { return nil }
        return cron(text, at: position)
    }
}
