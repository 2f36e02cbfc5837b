/// Durations as people write them in manifests and on command lines: a whole number and `ms`, `s`, `m` or `h`.
package enum DurationText {
    /// Why a text is no duration.
    package struct Mistake: Error, Hashable, Sendable {
        /// One sentence without its full stop.
        package var message: String
        /// What to write instead.
        package var fix: String
        /// Whether it is a duration, but longer than any that makes sense.
        package var isOutOfRange = false
    }

    private static let fix = "write a whole number and a unit: 250ms, 10s, 5m or 1h"

    /// The duration, or why the text is none.
    package static func parse(_ text: String) -> Result<Duration, Mistake> {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let count = Int64(digits) else {
            return .failure(Mistake(message: "'\(text)' is no duration", fix: fix))
        }
        let unit = text.dropFirst(digits.count)
        let milliseconds: Int64? =
            switch unit {
            case "ms": 1
            case "s": 1_000
            case "m": 60_000
            case "h": 3_600_000
            default: nil
            }
        guard let milliseconds else {
            let message = unit.isEmpty ? "'\(text)' has no unit" : "'\(unit)' is no unit of time"
            let fix = unit.isEmpty ? "write \(text)s for seconds, or one of ms, m, h" : fix
            return .failure(Mistake(message: message, fix: fix))
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: milliseconds)
        guard !overflow, product <= 1_000 * 3_600_000 * 24 else {
            return .failure(Mistake(message: "'\(text)' is more than 1000 days", fix: fix, isOutOfRange: true))
        }
        return .success(.milliseconds(product))
    }

    /// The duration, where parts of a unit are allowed too, as in `0.2s`.
    package static func parseDecimal(_ text: String) -> Result<Duration, Mistake> {
        let number = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        let units: [String: Double] = ["ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12]
        guard number.contains("."), let count = Double(number), let unit = units[String(text.dropFirst(number.count))],
            count * unit <= 8.64e16
        else { return parse(text) }
        return .success(.nanoseconds(Int64((count * unit).rounded())))
    }

    /// The duration as a manifest would write it, in the largest unit that leaves a whole number.
    package static func text(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
        switch milliseconds {
        case 0: return "0s"
        case _ where milliseconds % 3_600_000 == 0: return "\(milliseconds / 3_600_000)h"
        case _ where milliseconds % 60_000 == 0: return "\(milliseconds / 60_000)m"
        case _ where milliseconds % 1_000 == 0: return "\(milliseconds / 1_000)s"
        default: return "\(milliseconds)ms"
        }
    }
}
