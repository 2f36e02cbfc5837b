import FoundationEssentials

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
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// The path of the folder that a file's path names; empty where it names none.
    var folder: String {
        guard let slash = lastIndex(of: "/") else { return "" }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
