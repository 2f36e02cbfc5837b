import Glibc
package import Scaling

/// The file in which what the scaler has learned outlives a restart.
package struct LearnedStateFile: Sendable {
    /// Why the file could not be read or written.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        init(_ what: String, _ path: String, _ code: Int32 = errno) {
            description = "\(path) can not be \(what): \(String(cString: strerror(code)))"
        }
    }

    package let path: String

    /// `path`: absolute; its folder is made when something is saved.
    package init(path: String) {
        self.path = path
    }

    /// What was saved last, and what is wrong with it, in words for the log; nothing and no problem where there is no file.
    package func load() -> (states: LearnedStates, problem: String?) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            return (LearnedStates(), errno == ENOENT ? nil : Failure("read", path).description)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= LearnedStates.mostBytes {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                return (LearnedStates(), Failure("read", path).description)
            }
            bytes += chunk[..<count]
        }
        let (states, problem) = LearnedStates.decode(bytes)
        return (states, problem.map { "\(path): \($0)" })
    }

    /// Replaces the file at once, so that it holds the old or the new, whatever happens.
    ///
    /// - Throws: ``Failure``; the old file stays then.
    package func save(_ states: LearnedStates) throws(Failure) {
        try Self.makeFolder(Self.folder(of: path))
        let temporary = "\(path).new-\(getpid())"
        do throws(Failure) {
            try write(states.encoded, to: temporary)
            guard rename(temporary, path) == 0 else { throw Failure("written", path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to temporary: String) throws(Failure) {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("written", temporary) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure("written", temporary)
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw Failure("written", temporary) }
    }

    private static func makeFolder(_ folder: String) throws(Failure) {
        if mkdir(folder, 0o777) == 0 { return }
        switch errno {
        case EEXIST:
            // A file in its place shows when the state is written.
            return
        case ENOENT:
            try makeFolder(Self.folder(of: folder))
            guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw Failure("made", folder) }
        default:
            throw Failure("made", folder)
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
