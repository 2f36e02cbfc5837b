/// A cron expression of five fields: minute, hour, day of the month, month, day of the week.
///
/// Fields are `*`, numbers, ranges `a-b`, lists `a,b` and steps `*/n` or `a-b/n`; months and days of the week may
/// be named by three letters; Sunday is 0 or 7. As in cron, when both the day of the month and the day of the week
/// are restricted, a day matches when either does.
package struct CronExpression: Sendable, Hashable {
    /// The expression as written, with single spaces.
    package let text: String
    /// Bit *n* is set when minute *n* matches; the others likewise.
    package let minutes: UInt64
    package let hours: UInt64
    /// Bits 1 to 31.
    package let daysOfMonth: UInt64
    /// Bits 1 to 12.
    package let months: UInt64
    /// Bits 0 to 6, Sunday first.
    package let daysOfWeek: UInt64
    /// Whether the day of the month was written as `*`.
    package let anyDayOfMonth: Bool
    /// Whether the day of the week was written as `*`.
    package let anyDayOfWeek: Bool

    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        let names: [String]
    }

    private static let fields = [
        Field(name: "minute", range: 0...59, names: []),
        Field(name: "hour", range: 0...23, names: []),
        Field(name: "day of the month", range: 1...31, names: []),
        Field(
            name: "month",
            range: 1...12,
            names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        ),
        Field(name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    /// Reads an expression.
    ///
    /// - Throws: `ValueError` naming the field that is wrong.
    init(parsing text: String) throws(ValueError) {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard parts.count == Self.fields.count else {
            throw Self.error(
                "'\(text)' has \(parts.count) fields",
                fix: "write five: minute, hour, day of the month, month, day of the week, as in '*/5 * * * *'"
            )
        }
        var sets: [UInt64] = []
        for (part, field) in zip(parts, Self.fields) { sets.append(try Self.set(part, field)) }
        self.text = parts.joined(separator: " ")
        minutes = sets[0]
        hours = sets[1]
        daysOfMonth = sets[2]
        months = sets[3]
        daysOfWeek = (sets[4] | (sets[4] >> 7 & 1)) & 0x7F
        anyDayOfMonth = parts[2].hasPrefix("*")
        anyDayOfWeek = parts[4].hasPrefix("*")
        guard anyDayOfMonth || !anyDayOfWeek || canOccur else {
            throw Self.error("'\(text)' never comes: no such month has that day", fix: "choose a day the month has")
        }
    }

    /// Whether a chosen month has a chosen day; February counts its 29th.
    private var canOccur: Bool {
        let lengths = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains { month in
            months >> month & 1 == 1 && daysOfMonth & ((1 << (lengths[month] + 1)) - 2) != 0
        }
    }

    private static func set(_ text: String, _ field: Field) throws(ValueError) -> UInt64 {
        var set: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let span = pieces.first, !span.isEmpty else {
                throw error(
                    "the \(field.name) '\(text)' has an empty part",
                    fix: "write a number, a range, a list or '*'"
                )
            }
            var step = 1
            if pieces.count == 2 {
                guard let number = Int(pieces[1]), number >= 1, number <= field.range.upperBound else {
                    throw error(
                        "the step '/\(pieces[1])' of the \(field.name) is no number that fits",
                        fix: "write as in */5"
                    )
                }
                step = number
            }
            var range = field.range
            if span != "*" {
                let bounds = span.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                let low = try number(bounds[0], field)
                let openEnded = pieces.count == 2 && bounds.count == 1
                let high = bounds.count == 2 ? try number(bounds[1], field) : (openEnded ? field.range.upperBound : low)
                guard low <= high else {
                    throw error(
                        "the range '\(span)' of the \(field.name) runs backwards",
                        fix: "write the smaller bound first"
                    )
                }
                range = low...high
            }
            for value in stride(from: range.lowerBound, through: range.upperBound, by: step) { set |= 1 << value }
        }
        return set
    }

    private static func number(_ text: Substring, _ field: Field) throws(ValueError) -> Int {
        if let index = field.names.firstIndex(of: text.lowercased()), !text.isEmpty { return index }
        let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
        guard isNumber, let number = Int(text), field.range.contains(number) else {
            let names = field.names.isEmpty ? "" : " or a name of three letters"
            throw error(
                "'\(text)' is no \(field.name)",
                fix: "write a number from \(field.range.lowerBound) to \(field.range.upperBound)\(names)"
            )
        }
        return number
    }

    private static func error(_ message: String, fix: String) -> ValueError {
        ValueError(code: .badSchedule, message: message, fix: fix)
    }
}
