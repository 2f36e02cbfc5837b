import Foundation

/// The little that configurations ask of the file system.
enum TextFile {
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// A file's text.
    ///
    /// - Throws: ``ClusterConfigurationError`` if it cannot be read.
    static func read(_ path: String) throws(ClusterConfigurationError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ClusterConfigurationError("\(path) cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension String {
    /// Without the blanks and line ends around it.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
