/// How a zone's clock goes every year: the environment variable `TZ` of POSIX, with hours from -167 to 167 (RFC 9636
/// section 3.3.2), such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Hashable, Sendable {
    /// Seconds that the clock is ahead of UTC, summer time aside.
    private let standard: Int
    private let summer: Summer?

    private struct Summer: Hashable, Sendable {
        var offset: Int
        var start: Moment
        var end: Moment
    }

    /// A moment of each year, by the clock that goes until then.
    private struct Moment: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// From 1 to 365; the 29th of February is none of them.
            case withoutLeapDay(Int)
            /// From 0 to 365.
            case ofYear(Int)
            /// From 1 to 5 for the last, 0 for Sunday.
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        /// Seconds since that day's begin.
        var time: Int

        /// Seconds since 1970 on that clock.
        func second(in year: Int) -> Int { dayNumber(in: year) * 86_400 + time }

        private func dayNumber(in year: Int) -> Int {
            let newYear = YearlyRule.day(year: year, month: 1)
            switch day {
            case .withoutLeapDay(let day):
                let isAfterLeapDay = day >= 60 && YearlyRule.isLeap(year)
                return newYear + day - 1 + (isAfterLeapDay ? 1 : 0)
            case .ofYear(let day): return newYear + day
            case .weekday(let month, let week, let day):
                let first = YearlyRule.day(year: year, month: month)
                let next =
                    month == 12
                    ? YearlyRule.day(year: year + 1, month: 1) : YearlyRule.day(year: year, month: month + 1)
                // 1970-01-01 was a Thursday.
                let weekday = YearlyRule.modulo(first + 4, 7)
                var found = first + YearlyRule.modulo(day - weekday, 7) + (week - 1) * 7
                while found >= next { found -= 7 }
                return found
            }
        }
    }

    init?(_ text: String) {
        var reader = RuleReader(text)
        guard reader.name(), let west = reader.time(upTo: 24) else { return nil }
        standard = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var offset = standard + 3_600
        if !reader.isAtEnd, !reader.isAt(",") {
            guard let west = reader.time(upTo: 24) else { return nil }
            offset = -west
        }
        guard let start = Self.moment(&reader), let end = Self.moment(&reader), reader.isAtEnd else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    private static func moment(_ reader: inout RuleReader) -> Moment? {
        guard reader.take(",") else { return nil }
        let day: Moment.Day
        if reader.take("M") {
            guard let month = reader.number(1...12), reader.take("."), let week = reader.number(1...5),
                reader.take("."), let weekday = reader.number(0...6)
            else { return nil }
            day = .weekday(month: month, week: week, day: weekday)
        } else if reader.take("J") {
            guard let number = reader.number(1...365) else { return nil }
            day = .withoutLeapDay(number)
        } else {
            guard let number = reader.number(0...365) else { return nil }
            day = .ofYear(number)
        }
        guard reader.take("/") else { return Moment(day: day, time: 7_200) }
        return reader.time(upTo: 167).map { Moment(day: day, time: $0) }
    }

    /// The difference from UTC in seconds at a second since 1970 UTC.
    func offset(at second: Int) -> Int {
        guard let summer else { return standard }
        // Out of the reach of any calendar.
        guard abs(second) < 1 << 50 else { return standard }
        let year = Self.year(ofDay: Self.floorDivide(second + standard, 86_400))
        var last: (at: Int, offset: Int) = (.min, standard)
        for year in (year - 1)...(year + 1) {
            let end = summer.end.second(in: year) - summer.offset
            let start = summer.start.second(in: year) - standard
            // Where one year's summer ends as the next one's begins, it is summer.
            if end <= second, end > last.at { last = (end, standard) }
            if start <= second, start >= last.at { last = (start, summer.offset) }
        }
        return last.offset
    }

    // MARK: The calendar

    private static func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
        (dividend - modulo(dividend, divisor)) / divisor
    }

    private static func modulo(_ dividend: Int, _ divisor: Int) -> Int {
        let rest = dividend % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    /// Days from 1970-01-01 to the first of a month.
    private static func day(year: Int, month: Int) -> Int {
        let before = year - 1
        let leapDays = floorDivide(before, 4) - floorDivide(before, 100) + floorDivide(before, 400)
        let newYear = before * 365 + leapDays - 719_162
        let months = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        return newYear + months[month - 1] + (month > 2 && isLeap(year) ? 1 : 0)
    }

    private static func year(ofDay day: Int) -> Int {
        var year = 1970 + floorDivide(day * 400, 146_097)
        while Self.day(year: year, month: 1) > day { year -= 1 }
        while Self.day(year: year + 1, month: 1) <= day { year += 1 }
        return year
    }
}

/// Reads the pieces of a rule.
private struct RuleReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    func isAt(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isAt(character) else { return false }
        rest.removeFirst()
        return true
    }

    /// The name of a time: three letters or more, or anything between `<` and `>`.
    mutating func name() -> Bool {
        if take("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let letters = rest.prefix { (65...90).contains($0) || (97...122).contains($0) }
        rest = rest.dropFirst(letters.count)
        return letters.count >= 3
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty, digits.count <= 3 else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return range.contains(value) ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(upTo hours: Int) -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard var seconds = number(0...hours).map({ $0 * 3_600 }) else { return nil }
        for unit in [60, 1] {
            guard take(":") else { break }
            guard let value = number(0...59) else { return nil }
            seconds += value * unit
        }
        return isNegative ? -seconds : seconds
    }
}
