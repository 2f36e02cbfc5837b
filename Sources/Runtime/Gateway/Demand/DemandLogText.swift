/// The demand log's lines: UTF-8, comma separated, one line for each minute and function with invocations.
package enum DemandLogText {
    /// The first line, which names the format.
    package static let magic = "# shopfn demand log 1"
    /// Both lines a file begins with.
    package static let head = magic + "\nminute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms\n"

    /// A line.
    ///
    /// `minute`: Minutes since 1970-01-01 00:00 UTC.
    package static func line(minute: Int, function: String, _ figures: DemandFigures) -> String {
        let durations = [figures.average, figures.median, figures.p99, figures.longest].map(milliseconds)
        return "\(timestamp(minute)),\(function),\(figures.invocations),\(durations.joined(separator: ","))\n"
    }

    /// With three decimals: to the microsecond.
    private static func milliseconds(_ value: Double) -> String {
        let microseconds = Int((max(0, value) * 1_000).rounded())
        let rest = String(microseconds % 1_000)
        return "\(microseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// As in RFC 3339, in UTC.
    private static func timestamp(_ minute: Int) -> String {
        let day = minute / 1_440
        // Howard Hinnant's `civil_from_days`, for days after 1970.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))"
        return "\(date)T\(two(minute / 60 % 24)):\(two(minute % 60)):00Z"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
