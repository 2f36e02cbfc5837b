package import FoundationEssentials

/// Moments as the API writes them (RFC 3339).
package enum Timestamp {
    /// With seconds, as `meta/v1.Time`.
    package static func seconds(_ date: Date) -> String {
        date.formatted(.iso8601)
    }

    /// With microseconds, as `meta/v1.MicroTime`, which must have six digits.
    package static func microseconds(_ date: Date) -> String {
        let whole = date.timeIntervalSince1970.rounded(.down)
        let micros = Int((date.timeIntervalSince1970 - whole) * 1_000_000)
        let digits = String(1_000_000 + min(micros, 999_999)).dropFirst()
        return Date(timeIntervalSince1970: whole).formatted(.iso8601).dropLast() + ".\(digits)Z"
    }

    /// Reads either, or `nil`.
    package static func parse(_ text: String) -> Date? {
        if let date = try? Date(text, strategy: .iso8601) { return date }
        return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
