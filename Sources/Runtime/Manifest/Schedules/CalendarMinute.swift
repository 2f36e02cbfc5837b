/// A minute of a calendar, in some time zone.
package struct CalendarMinute: Hashable, Sendable {
    package var minute: Int
    package var hour: Int
    package var day: Int
    package var month: Int
    /// 0 is Sunday.
    package var dayOfWeek: Int

    package init(minute: Int, hour: Int, day: Int, month: Int, dayOfWeek: Int) {
        self.minute = minute
        self.hour = hour
        self.day = day
        self.month = month
        self.dayOfWeek = dayOfWeek
    }

    /// Minutes since the clock showed 00:00.
    var ofDay: Int { hour * 60 + minute }
}

extension CronExpression {
    /// How far back clocks are set, in minutes, somewhere on Earth.
    private static let setBack = [30, 60, 120]
    /// The most minutes a clock is set forward; more is another date, not another time.
    private static let mostSetForward = 180
    private static let everyHour: UInt64 = (1 << 24) - 1

    /// Whether the expression matches this minute.
    package func matches(_ time: CalendarMinute) -> Bool {
        minutes >> time.minute & 1 == 1 && hours >> time.hour & 1 == 1 && matchesDay(time)
    }

    /// Whether the expression matches at some time of this day.
    func matchesDay(_ time: CalendarMinute) -> Bool {
        guard months >> time.month & 1 == 1 else { return false }
        let isDay = daysOfMonth >> time.day & 1 == 1
        let isDayOfWeek = daysOfWeek >> time.dayOfWeek & 1 == 1
        // As cron has it: when both are restricted, either will do.
        return anyDayOfMonth || anyDayOfWeek ? isDay && isDayOfWeek : isDay || isDayOfWeek
    }

    /// Whether something is to be done in a minute, counted from 1970, whatever the clocks do.
    ///
    /// As cron(8) of Debian has it: an expression of certain hours is due once for each time the clock would show, so
    /// at the change if the clock leaves that time out, and the first time if it shows it twice. One of every hour goes
    /// by the time that passes.
    func isDue(at minute: Int, calendar: (_ minute: Int) -> CalendarMinute?) -> Bool {
        guard let time = calendar(minute) else { return false }
        if hours == Self.everyHour { return matches(time) }
        if matches(time) { return !Self.setBack.contains { calendar(minute - $0) == time } }
        guard let before = calendar(minute - 1) else { return false }
        let leftOut = (time.ofDay - before.ofDay + 1_440) % 1_440 - 1
        guard (1...Self.mostSetForward).contains(leftOut) else { return false }
        return (1...leftOut).contains { back in
            var missing = time.ofDay - back < 0 ? before : time
            let ofDay = (time.ofDay - back + 1_440) % 1_440
            (missing.hour, missing.minute) = (ofDay / 60, ofDay % 60)
            return matches(missing)
        }
    }
}
