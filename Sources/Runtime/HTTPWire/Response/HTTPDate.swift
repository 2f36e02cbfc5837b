/// Dates as HTTP writes them, IMF-fixdate (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    private static let firstSecond = -62_167_219_200
    private static let lastSecond = 253_402_300_799

    /// The date of a moment given in seconds since 1970-01-01 00:00:00 UTC, in 29 bytes.
    ///
    /// The format has four digits for the year: moments outside the years 0 to 9999 become the nearest within.
    package static func bytes(secondsSince1970 seconds: Int) -> [UInt8] {
        let seconds = min(max(seconds, firstSecond), lastSecond)
        let second = ((seconds % 86_400) + 86_400) % 86_400
        let day = (seconds - second) / 86_400
        let date = civilDate(day: day)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        // 1970-01-01 was a Thursday.
        bytes.append(weekday(((day % 7) + 7 + 4) % 7))
        bytes.append(", ")
        bytes.append(twoDigits: date.day)
        bytes.append(month(date.month))
        bytes.append(twoDigits: date.year / 100)
        bytes.append(twoDigits: date.year % 100)
        bytes.append(" ")
        bytes.append(twoDigits: second / 3_600)
        bytes.append(":")
        bytes.append(twoDigits: second / 60 % 60)
        bytes.append(":")
        bytes.append(twoDigits: second % 60)
        bytes.append(" GMT")
        return bytes
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01.
    ///
    /// Years are taken to begin on 1 March, so that the leap day is the last one, within eras of 400 years.
    private static func civilDate(day: Int) -> (year: Int, month: Int, day: Int) {
        let daysPerEra = 146_097
        // From 0000-03-01; one era more keeps the number from being negative.
        let shifted = day + 719_468 + daysPerEra
        let era = shifted / daysPerEra - 1
        let dayOfEra = shifted % daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    private static func weekday(_ number: Int) -> StaticString {
        switch number {
        case 0: "Sun"
        case 1: "Mon"
        case 2: "Tue"
        case 3: "Wed"
        case 4: "Thu"
        case 5: "Fri"
        default: "Sat"
        }
    }

    private static func month(_ number: Int) -> StaticString {
        switch number {
        case 1: " Jan "
        case 2: " Feb "
        case 3: " Mar "
        case 4: " Apr "
        case 5: " May "
        case 6: " Jun "
        case 7: " Jul "
        case 8: " Aug "
        case 9: " Sep "
        case 10: " Oct "
        case 11: " Nov "
        default: " Dec "
        }
    }
}
