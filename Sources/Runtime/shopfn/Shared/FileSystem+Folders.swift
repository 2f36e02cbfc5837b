import Glibc
import LocalLauncher

extension FileSystem {
    /// Makes a folder and those above it that are missing.
    static func makeFolders(_ path: String) throws(Failure) {
        guard !path.isEmpty, !isFolder(path) else { return }
        try makeFolders(folder(of: path))
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw Failure() }
    }

    /// Removes a file, or a folder with all that is in it; what is not there is no failure.
    static func remove(_ path: String) throws(Failure) {
        guard let status = FileStatus(of: path, followsLinks: false) else { return }
        if status.isFolder {
            for name in names(in: path) { try remove(join(path, name)) }
            guard rmdir(path) == 0 else { throw Failure() }
        } else {
            guard unlink(path) == 0 else { throw Failure() }
        }
    }

    /// Makes a file hold these bytes in one step: readers see the old ones or the new ones.
    static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
        let temporary = "\(path).new-\(getpid())"
        do throws(Failure) {
            try write(bytes, to: temporary)
            guard rename(temporary, path) == 0 else { throw Failure() }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// The program of that name on the PATH.
    static func program(named name: String) -> String? {
        guard let path = getenv("PATH").map({ String(cString: $0) }) else { return nil }
        return path.split(separator: ":").map { join(String($0), name) }.first { isExecutable($0) }
    }

    /// A variable of the environment that is set and not empty.
    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
