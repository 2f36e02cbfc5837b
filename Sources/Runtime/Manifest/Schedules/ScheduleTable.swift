/// The scheduled functions with what is due when: a pure state machine over seconds since 1970.
package struct ScheduleTable: Sendable {
    /// The last firing of a function, as it outlives whoever keeps the schedules.
    package struct Mark: Hashable, Sendable {
        /// When it was due, in seconds since 1970.
        package var due: Int
        /// The schedule it was due by, as text.
        package var schedule: String

        package init(due: Int, schedule: String) {
            self.due = due
            self.schedule = schedule
        }
    }

    private struct Entry: Sendable {
        var schedule: Schedule
        /// When it is due next; `nil` for a cron expression that never matches again.
        var next: Int?
        /// When that was which was invoked last.
        var last: Int?
        /// What `last` was before.
        var before: Int?
        var isRunning = false
    }

    /// The difference from UTC in minutes of a zone at a minute since 1970.
    package typealias Offset = (_ timeZone: String, _ minute: Int) -> Int

    private var entries: [String: Entry] = [:]

    package init() {}

    /// Takes over the schedules of a manifest; a schedule that stays keeps its time.
    package mutating func update(_ schedules: [String: Schedule], now: Int, offset: Offset) {
        for name in entries.keys where schedules[name] == nil { entries[name] = nil }
        for (name, schedule) in schedules where entries[name]?.schedule != schedule {
            entries[name] = Entry(
                schedule: schedule,
                next: Self.next(schedule, after: now, offset),
                isRunning: entries[name]?.isRunning ?? false
            )
        }
    }

    /// The functions to invoke now, in the order of their names.
    ///
    /// What fell due several times is invoked once, and not while its last invocation still runs.
    /// `isBusy`: Whether somebody else runs it already.
    package mutating func due(now: Int, offset: Offset, isBusy: (String) -> Bool = { _ in false }) -> [String] {
        var names: [String] = []
        for (name, var entry) in entries {
            // A clock that was set back must not silence an interval.
            if case .every(let interval) = entry.schedule, let next = entry.next, next > now + Self.seconds(interval) {
                entry.next = now + Self.seconds(interval)
                entries[name] = entry
            }
            guard let due = entry.next, due <= now else { continue }
            entry.next = Self.next(entry.schedule, after: max(due, now), since: due, offset)
            (entry.before, entry.last) = (entry.last, due)
            if !entry.isRunning, !isBusy(name) {
                entry.isRunning = true
                names.append(name)
            }
            entries[name] = entry
        }
        return names.sorted()
    }

    /// A function's invocation ended.
    package mutating func finished(_ name: String) {
        entries[name]?.isRunning = false
    }

    /// A function could not be invoked, or it is not known whether it was: it is due again at once.
    package mutating func failed(_ name: String) {
        guard let entry = entries[name], let last = entry.last else { return }
        entries[name]?.isRunning = false
        entries[name]?.next = last
        entries[name]?.last = entry.before
    }

    /// The schedule of a function.
    package func schedule(of name: String) -> Schedule? {
        entries[name]?.schedule
    }

    // MARK: Handing on

    /// What was due last of each function that was invoked.
    package var marks: [String: Mark] {
        entries.compactMapValues { entry in entry.last.map { Mark(due: $0, schedule: entry.schedule.text) } }
    }

    /// Goes on where another left off: what fell due since is due now, once.
    ///
    /// Marks of schedules that are others now say nothing, nor do those of a clock that was ahead.
    package mutating func resume(_ marks: [String: Mark], now: Int, offset: Offset) {
        for (name, mark) in marks {
            guard let schedule = entries[name]?.schedule, schedule.text == mark.schedule, mark.due <= now else {
                continue
            }
            entries[name]?.last = mark.due
            entries[name]?.next = Self.next(schedule, after: mark.due, offset)
        }
    }

    /// A function with its schedule, as a report shows it.
    package struct Row: Hashable, Sendable {
        package var function: String
        package var schedule: String
        /// Seconds since 1970.
        package var last: Int?
        package var next: Int?
        package var isRunning: Bool
    }

    package var rows: [Row] {
        entries.sorted { $0.key < $1.key }.map { name, entry in
            Row(
                function: name,
                schedule: entry.schedule.text,
                last: entry.last,
                next: entry.next,
                isRunning: entry.isRunning
            )
        }
    }

    private static func next(_ schedule: Schedule, after now: Int, since due: Int? = nil, _ offset: Offset) -> Int? {
        switch schedule {
        case .every(let interval): max((due ?? now) + seconds(interval), now + 1)
        case .cron(let expression, let zone):
            expression.nextDue(after: LocalTime.floorDivide(now, 60)) { offset(zone, $0) }.map { $0 * 60 }
        }
    }

    private static func seconds(_ interval: Duration) -> Int {
        max(1, Int(interval.components.seconds))
    }
}
