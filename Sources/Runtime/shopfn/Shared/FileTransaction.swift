import Glibc

/// Files to be written together: all of them, or none.
struct FileTransaction {
    private struct Change {
        let path: String
        /// What it is to hold; nothing when it is to go.
        let contents: [UInt8]?
        /// What the file holds now; nothing when it is to be made.
        let original: [UInt8]?
    }

    private var changes: [Change] = []

    /// A file that must not exist yet.
    mutating func create(_ path: String, _ text: String) throws(CommandFailure) {
        guard !FileSystem.exists(path) else {
            throw CommandFailure(
                .wrongUsage,
                code: "file-exists",
                "\(path) exists already and is not overwritten",
                fix: "choose another name, or remove the file"
            )
        }
        changes.append(Change(path: path, contents: Array(text.utf8), original: nil))
    }

    /// A file whose text was read and is to be another.
    mutating func replace(_ path: String, _ original: String, by text: String) {
        changes.append(Change(path: path, contents: Array(text.utf8), original: Array(original.utf8)))
    }

    /// A file whose text was read and that is to go, with its folder where that is empty then.
    mutating func remove(_ path: String, _ original: String) {
        changes.append(Change(path: path, contents: nil, original: Array(original.utf8)))
    }

    /// The files in the order they were added, and whether each is new.
    var files: [(path: String, isNew: Bool)] { changes.map { ($0.path, $0.original == nil) } }

    /// Writes every file beside its place, then moves all into place; on a failure puts back what was there.
    func commit() throws(CommandFailure) {
        var folders: [String] = []
        var staged: [(temporary: String, change: Change)] = []
        var done: [Change] = []
        do throws(FileSystem.Failure) {
            for change in changes {
                guard let contents = change.contents else { continue }
                try Self.makeFolders(FileSystem.folder(of: change.path), made: &folders)
                let temporary = "\(change.path).new-\(getpid())"
                staged.append((temporary, change))
                try FileSystem.write(contents, to: temporary)
            }
            for (temporary, change) in staged {
                if change.original == nil {
                    // `link` does not replace a file that somebody made meanwhile.
                    guard link(temporary, change.path) == 0 else { throw FileSystem.Failure() }
                    unlink(temporary)
                } else {
                    guard rename(temporary, change.path) == 0 else { throw FileSystem.Failure() }
                }
                done.append(change)
            }
            // Last, as what is gone cannot be put back under its old attributes.
            for change in changes where change.contents == nil {
                try FileSystem.remove(change.path)
                done.append(change)
                // Fails where the folder still holds something.
                rmdir(FileSystem.folder(of: change.path))
            }
        } catch {
            for (temporary, _) in staged { unlink(temporary) }
            for change in done.reversed() {
                if let original = change.original {
                    try? FileSystem.makeFolders(FileSystem.folder(of: change.path))
                    try? FileSystem.write(original, to: change.path)
                } else {
                    unlink(change.path)
                }
            }
            for folder in folders.reversed() { rmdir(folder) }
            let path = done.count < changes.count ? changes[done.count].path : "a file"
            throw CommandFailure(
                .unreachable,
                code: "cannot-write",
                "\(path) cannot be written: \(error.reason); nothing was changed",
                fix: "see that the folder may be written to"
            )
        }
    }

    /// Makes the folders of a path that are missing, and notes each as it is made, outermost first.
    private static func makeFolders(_ path: String, made: inout [String]) throws(FileSystem.Failure) {
        guard !path.isEmpty, !FileSystem.isFolder(path) else { return }
        try makeFolders(FileSystem.folder(of: path), made: &made)
        guard mkdir(path, 0o777) == 0 else { throw FileSystem.Failure() }
        made.append(path)
    }
}
