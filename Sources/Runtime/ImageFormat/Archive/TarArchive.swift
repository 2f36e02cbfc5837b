/// A tar archive (POSIX.1-1988 ustar) that depends on nothing but what is put in.
///
/// Entries are in the order of their paths, parents first; every time, owner and group is zero.
package struct TarArchive: Sendable {
    /// What stands at a path.
    package enum Entry: Sendable, Equatable {
        case folder(mode: Int)
        case file([UInt8], mode: Int)
        /// To a path that is left as it is.
        case link(String)
    }

    private var entries: [String: Entry] = [:]

    package init() {}

    /// The paths, in the order they are written in.
    package var paths: [String] { entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// How many bytes the files hold once they are unpacked.
    package var contentSize: Int {
        entries.values.reduce(0) { sum, entry in
            guard case .file(let bytes, _) = entry else { return sum }
            return sum + bytes.count
        }
    }

    /// What stands at a path: relative, without `.` and `..`.
    ///
    /// Setting makes the folders above, with mode 755.
    package subscript(path: String) -> Entry? {
        get { entries[Self.normal(path)] }
        set {
            let path = Self.normal(path)
            entries[path] = newValue
            guard newValue != nil else { return }
            var above = path
            while let slash = above.lastIndex(of: "/") {
                above = String(above[..<slash])
                if entries[above] == nil { entries[above] = .folder(mode: 0o755) }
            }
        }
    }

    /// The archive's bytes.
    ///
    /// - Throws: ``TarError`` for a path or a file that the format has no room for.
    package func serialized() throws(TarError) -> [UInt8] {
        var archive: [UInt8] = []
        archive.reserveCapacity(contentSize + (entries.count * 2 + 20) * 512)
        for path in paths {
            guard let entry = entries[path] else { continue }
            archive += try TarHeader(path: path, entry: entry).bytes()
            if case .file(let bytes, _) = entry {
                archive += bytes
                archive.append(contentsOf: repeatElement(0, count: (512 - bytes.count % 512) % 512))
            }
        }
        // Two empty blocks end it, and the whole fills records of 20 blocks.
        archive.append(contentsOf: repeatElement(0, count: 1_024))
        archive.append(contentsOf: repeatElement(0, count: (10_240 - archive.count % 10_240) % 10_240))
        return archive
    }

    private static func normal(_ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "/")
    }
}

/// Why an archive cannot be written.
package enum TarError: Error, Equatable, CustomStringConvertible {
    case pathTooLong(String)
    case fileTooLarge(String)

    package var description: String {
        switch self {
        case .pathTooLong(let path): "the path \(path) is too long for a tar archive"
        case .fileTooLarge(let path): "\(path) is larger than the 8 GiB that a tar archive holds"
        }
    }
}
