import Glibc
import ImageFormat

/// Finds shared libraries as the loader does: where the asker says, where `/etc/ld.so.conf` says, in the usual folders.
struct LibraryFinder {
    /// The folder that takes the place of `/`; that of another processor's files, say.
    let root: String
    /// The executable's own folder, which `$ORIGIN` stands for.
    let origin: String
    private let folders: [String]

    init(root: String, origin: String) {
        self.root = root
        self.origin = origin
        var folders = Self.configured(FileSystem.join(root, "etc/ld.so.conf"), root: root, depth: 0)
        for machine in ["x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu"] {
            folders += ["/lib/\(machine)", "/usr/lib/\(machine)"]
        }
        folders += ["/lib64", "/usr/lib64", "/lib", "/usr/lib"]
        self.folders = folders
    }

    /// A library for a processor.
    func find(_ name: String, _ machine: ELFFile.Machine, _ searchPath: [String]) -> LibraryClosure.Library? {
        let asked = searchPath.map { folder in
            folder.hasPrefix("$ORIGIN")
                ? origin + folder.dropFirst("$ORIGIN".count)
                : folder.hasPrefix("${ORIGIN}") ? origin + folder.dropFirst("${ORIGIN}".count) : within(folder)
        }
        for folder in asked + folders.map(within) {
            let path = FileSystem.join(folder, name)
            // A folder may hold the library of another processor, which the loader passes over as well.
            guard let bytes = try? FileSystem.read(path, upTo: 256 << 20), let file = try? ELFFile(bytes),
                file.machine == machine
            else { continue }
            return LibraryClosure.Library(name: name, path: path, bytes: bytes)
        }
        return nil
    }

    /// The folder of a library without symbolic links, as the loader in the image is to look for it.
    func folder(of library: LibraryClosure.Library) -> String {
        let real = FileSystem.folder(of: library.path)
        let folder = FileSystem.real(real) ?? real
        guard let top = FileSystem.real(root), top != "/", folder.hasPrefix(top + "/") else { return folder }
        return String(folder.dropFirst(top.count))
    }

    private func within(_ path: String) -> String {
        root == "/" ? path : FileSystem.join(root, String(path.drop { $0 == "/" }))
    }

    /// The folders a configuration lists, and those of the files it includes.
    private static func configured(_ path: String, root: String, depth: Int) -> [String] {
        guard depth < 8, let bytes = try? FileSystem.read(path, upTo: 1 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).flatMap { line -> [String] in
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.first == "include" else { return words.filter { $0.hasPrefix("/") } }
            return words.dropFirst().flatMap { pattern in
                let absolute = pattern.hasPrefix("/") ? pattern : "/etc/\(pattern)"
                let file = root == "/" ? absolute : FileSystem.join(root, String(absolute.dropFirst()))
                return matches(file).flatMap { configured($0, root: root, depth: depth + 1) }
            }
        }
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }
}
