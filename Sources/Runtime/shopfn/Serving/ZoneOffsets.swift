import Foundation

/// What the time zone database of this machine says.
enum ZoneOffsets {
    /// A zone's difference from UTC in minutes at a minute since 1970; none for a zone that is not known here.
    static func minutes(_ zone: String, _ minute: Int) -> Int {
        let date = Date(timeIntervalSince1970: Double(minute) * 60)
        return (TimeZone(identifier: zone)?.secondsFromGMT(for: date) ?? 0) / 60
    }
}
