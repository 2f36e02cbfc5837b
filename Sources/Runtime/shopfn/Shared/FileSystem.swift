import Glibc
import LocalLauncher

/// The few things commands ask of the file system.
enum FileSystem {
    /// The system's word for why a call failed.
    struct Failure: Error {
        let reason: String

        init(_ code: Int32 = errno) {
            reason = String(cString: strerror(code))
        }

        init(reason: String) {
            self.reason = reason
        }
    }

    /// A file's bytes; one with more than the limit is not read.
    static func read(_ path: String, upTo limit: Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        return try read(descriptor, upTo: limit)
    }

    /// What an open descriptor yields until its end; more than the limit is a failure, for half of it may mean anything.
    static func read(_ descriptor: Int32, upTo limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure()
            }
            guard bytes.count <= limit - count else { throw Failure(reason: "it has more than \(limit >> 20) MiB") }
            bytes += chunk[..<count]
        }
    }

    /// Makes a file hold these bytes, whatever it held.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure()
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Whether a file is there, of whatever kind.
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether a path is a file that may be run.
    static func isExecutable(_ path: String) -> Bool {
        FileStatus(of: path)?.isFile == true && access(path, X_OK) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        FileStatus(of: path)?.isFolder == true
    }

    /// The names in a folder; none when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The path without symbolic links, or nothing when it does not exist.
    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static var currentFolder: String { real(".") ?? "/" }

    /// The folder of a path; that of a bare name is the current one.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// The folder of this program's own executable.
    static var programFolder: String? {
        real("/proc/self/exe").map(folder(of:))
    }
}
