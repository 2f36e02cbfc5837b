/// The scheduled functions with what is due when: a pure state machine over seconds since 1970.
package struct ScheduleTable: Sendable {
    private struct Entry: Sendable {
        var schedule: Schedule
        /// For an interval, when it is due next; for a cron expression, the next minute not looked at.
        var next: Int
        var isRunning = false
    }

    private var entries: [String: Entry] = [:]

    package init() {}

    /// Takes over the schedules of a manifest; a schedule that stays keeps its time.
    package mutating func update(_ schedules: [String: Schedule], now: Int) {
        for name in entries.keys where schedules[name] == nil { entries[name] = nil }
        for (name, schedule) in schedules where entries[name]?.schedule != schedule {
            let next =
                switch schedule {
                case .every(let interval): now + Self.seconds(interval)
                case .cron: now / 60 + 1
                }
            entries[name] = Entry(schedule: schedule, next: next, isRunning: entries[name]?.isRunning ?? false)
        }
    }

    /// The functions to invoke now, in the order of their names.
    ///
    /// What fell due several times is invoked once, and not while its last invocation still runs.
    /// `calendar`: The calendar's minute for a minute since 1970, in a time zone.
    package mutating func due(now: Int, calendar: (_ minute: Int, _ timeZone: String) -> CalendarMinute?) -> [String] {
        var names: [String] = []
        for (name, entry) in entries {
            var isDue = false
            switch entry.schedule {
            case .every(let interval):
                guard entry.next <= now else { continue }
                isDue = true
                entries[name]?.next = max(entry.next + Self.seconds(interval), now + 1)
            case .cron(let expression, let timeZone):
                // After a long sleep the last hour is enough to look at.
                for minute in max(entry.next, now / 60 - 60)...max(entry.next, now / 60) where minute <= now / 60 {
                    isDue = isDue || expression.isDue(at: minute) { calendar($0, timeZone) }
                }
                entries[name]?.next = max(entry.next, now / 60 + 1)
            }
            if isDue, !entry.isRunning {
                entries[name]?.isRunning = true
                names.append(name)
            }
        }
        return names.sorted()
    }

    /// A function's invocation ended.
    package mutating func finished(_ name: String) {
        entries[name]?.isRunning = false
    }

    /// The schedule of a function.
    package func schedule(of name: String) -> Schedule? {
        entries[name]?.schedule
    }

    private static func seconds(_ interval: Duration) -> Int {
        max(1, Int(interval.components.seconds))
    }
}
