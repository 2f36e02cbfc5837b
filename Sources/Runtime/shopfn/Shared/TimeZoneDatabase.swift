import Manifest

/// The machine's time zone database.
enum TimeZoneDatabase {
    private static let folder = "/usr/share/zoneinfo"

    /// Whether there is a time zone of that name; where the machine has no database, whether there could be one.
    static func contains(_ name: String) -> Bool {
        guard TimeZoneName.isWellFormed(name) else { return false }
        if name == "UTC" || !FileSystem.isFolder(folder) { return true }
        let path = FileSystem.join(folder, name)
        return FileSystem.exists(path) && !FileSystem.isFolder(path)
    }
}
