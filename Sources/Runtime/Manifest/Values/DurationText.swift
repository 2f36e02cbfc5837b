/// Durations as manifests write them: a whole number and `ms`, `s`, `m` or `h`.
package enum DurationText {
    static let fix = "write a whole number and a unit: 250ms, 10s, 5m or 1h"

    /// The duration, or why the text is none.
    static func parse(_ text: String) -> Result<Duration, ValueError> {
        guard let (count, unit) = NumberWithUnit.split(text) else {
            return .failure(ValueError(code: .badDuration, message: "'\(text)' is no duration", fix: fix))
        }
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
            return .failure(ValueError(code: .badDuration, message: message, fix: fix))
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: milliseconds)
        guard !overflow, product <= 1_000 * 3_600_000 * 24 else {
            return .failure(ValueError(code: .outOfRange, message: "'\(text)' is more than 1000 days", fix: fix))
        }
        return .success(.milliseconds(product))
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
