import Manifest
import Time

/// The machine's time zone database.
enum TimeZoneDatabase {
    private static let folder = "/usr/share/zoneinfo"

    /// Whether there is a time zone of that name.
    static func contains(_ name: String) -> Bool {
        if name == "UTC" { return true }
        do {
            _ = try rules(of: name)
            return true
        } catch {
            return false
        }
    }

    /// A zone's offsets.
    ///
    /// - Throws: `FileSystem.Failure` or ``ZoneFileError`` where it is not there or cannot be read.
    static func rules(of name: String) throws -> ZoneRules {
        guard TimeZoneName.isWellFormed(name) else { throw ZoneFileError.notTZif }
        return try ZoneRules(FileSystem.read(FileSystem.join(folder, name), upTo: 1 << 20))
    }
}
