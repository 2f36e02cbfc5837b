/// A time zone's difference from UTC in minutes, at a minute since 1970-01-01 00:00 UTC.
package typealias UTCOffset = (_ minute: Int) -> Int

/// Local times of a zone as whole minutes: what the clock on the wall shows, counted from 1970-01-01 00:00 on that clock.
enum LocalTime {
    static let minutesOfDay = 1_440

    /// The date and the time of day of a local minute, in the proleptic Gregorian calendar.
    static func calendar(_ local: Int) -> CalendarMinute {
        let day = floorDivide(local, minutesOfDay)
        let rest = local - day * minutesOfDay
        let date = date(ofDay: day)
        return CalendarMinute(
            minute: rest % 60,
            hour: rest / 60,
            day: date.day,
            month: date.month,
            // 1970-01-01 was a Thursday.
            dayOfWeek: (day + 4) - floorDivide(day + 4, 7) * 7
        )
    }

    /// When a local time comes, in minutes since 1970 UTC.
    ///
    /// As RFC 5545 section 3.3.5 has it: a time that comes twice means the first, and one that a change of the clocks
    /// leaves out is read with the offset before that change.
    static func instant(_ local: Int, offset: UTCOffset) -> Int {
        // Clocks change by a few hours at most, and never twice within a day.
        let about = local - offset(local)
        let before = offset(about - 300)
        let after = offset(about + 300)
        if before == after || offset(local - before) == before { return local - before }
        return offset(local - after) == after ? local - after : local - before
    }

    /// Howard Hinnant's `civil_from_days`, for months and days alone.
    private static func date(ofDay day: Int) -> (month: Int, day: Int) {
        let shifted = day + 719_468
        let dayOfEra = shifted - floorDivide(shifted, 146_097) * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        return (shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
        let quotient = dividend / divisor
        return dividend % divisor < 0 ? quotient - 1 : quotient
    }
}

extension CronExpression {
    /// February 29 comes again within eight years.
    private static let horizon = 8 * 366

    /// The first minute after `minute` at which the expression matches.
    func next(after minute: Int, offset: UTCOffset) -> Int? {
        let today = LocalTime.floorDivide(minute + offset(minute), LocalTime.minutesOfDay)
        for day in (today - 1)...(today + Self.horizon) {
            if let first = instants(on: day, offset: offset).filter({ $0 > minute }).min() { return first }
        }
        return nil
    }

    /// The last minute up to `minute`, itself included, at which the expression matches.
    func last(upTo minute: Int, offset: UTCOffset) -> Int? {
        let today = LocalTime.floorDivide(minute + offset(minute), LocalTime.minutesOfDay)
        for day in ((today - Self.horizon)...(today + 1)).reversed() {
            if let last = instants(on: day, offset: offset).filter({ $0 <= minute }).max() { return last }
        }
        return nil
    }

    /// The first minute after `minute` in which something is to be done, whatever the clocks do; see
    /// ``isDue(at:calendar:)``.
    func nextDue(after minute: Int, offset: UTCOffset) -> Int? {
        func calendar(_ minute: Int) -> CalendarMinute { LocalTime.calendar(minute + offset(minute)) }
        var candidate = minute + 1
        let end = candidate + Self.horizon * LocalTime.minutesOfDay
        while candidate < end {
            let day = LocalTime.floorDivide(candidate + offset(candidate), LocalTime.minutesOfDay)
            let next = max(candidate + 1, LocalTime.instant((day + 1) * LocalTime.minutesOfDay, offset: offset))
            // A time that is left out at midnight is done on the day after.
            if [day - 1, day].contains(where: { matchesDay(LocalTime.calendar($0 * LocalTime.minutesOfDay)) }),
                let found = (candidate..<next).first(where: { isDue(at: $0, calendar: calendar) })
            {
                return found
            }
            candidate = next
        }
        return nil
    }

    /// All minutes of a local day at which the expression matches.
    private func instants(on day: Int, offset: UTCOffset) -> [Int] {
        let begin = day * LocalTime.minutesOfDay
        guard matchesDay(LocalTime.calendar(begin)) else { return [] }
        var instants: [Int] = []
        for hour in 0..<24 where hours >> hour & 1 == 1 {
            for minute in 0..<60 where minutes >> minute & 1 == 1 {
                instants.append(LocalTime.instant(begin + hour * 60 + minute, offset: offset))
            }
        }
        return instants
    }
}
