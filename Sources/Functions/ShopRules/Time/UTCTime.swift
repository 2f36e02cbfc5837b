/// A moment in UTC, to the millisecond.
package struct UTCTime: Hashable, Comparable, Sendable {
    /// The milliseconds since 1970 began.
    package let milliseconds: Int

    /// Takes milliseconds since 1970 began.
    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    package static func < (left: UTCTime, right: UTCTime) -> Bool { left.milliseconds < right.milliseconds }

    /// The year and the month, from 1.
    package var yearAndMonth: (year: Int, month: Int) {
        let date = date
        return (date.year, date.month)
    }

    /// The moment as RFC 3339 writes it, for example `2026-03-01T12:30:00.250Z`.
    package var text: String {
        let date = date
        let inDay = milliseconds - Self.quotient(milliseconds, 86_400_000) * 86_400_000
        let seconds = inDay / 1_000
        let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }
        let day = [Self.padded(date.year, 4), Self.padded(date.month, 2), Self.padded(date.day, 2)]
        return "\(day.joined(separator: "-"))T\(time.joined(separator: ":")).\(Self.padded(inDay % 1_000, 3))Z"
    }

    /// The day in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
    private var date: (year: Int, month: Int, day: Int) {
        let days = Self.quotient(milliseconds, 86_400_000) + 719_468
        let era = Self.quotient(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func quotient(_ number: Int, _ divisor: Int) -> Int {
        number >= 0 ? number / divisor : (number - divisor + 1) / divisor
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
