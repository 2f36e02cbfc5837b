import Synchronization
import Time

/// What the time zone database of this machine says.
enum ZoneOffsets {
    /// Zones that were asked for; none for one that cannot be read.
    private static let known = Mutex<[String: ZoneRules?]>([:])

    /// A zone's difference from UTC in minutes at a minute since 1970; none for a zone that is not known here, which no
    /// manifest in force names.
    static func minutes(_ zone: String, _ minute: Int) -> Int {
        if zone == "UTC" { return 0 }
        let rules = known.withLock { known in
            if let rules = known[zone] { return rules }
            let rules = try? TimeZoneDatabase.rules(of: zone)
            known[zone] = .some(rules)
            return rules
        }
        return (rules?.offset(at: minute * 60) ?? 0) / 60
    }
}
