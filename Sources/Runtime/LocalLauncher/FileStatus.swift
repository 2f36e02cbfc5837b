import Glibc

/// What the file system says of a path, links followed.
///
/// It stands here because a file that sees both Glibc and all that shopfn imports cannot tell whose `stat` is meant.
package struct FileStatus: Sendable {
    package let isFolder: Bool
    package let isFile: Bool
    /// Changes when the file does: its device, inode, size and time.
    package let identity: String

    /// `nil` where there is nothing.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isFile = status.st_mode & S_IFMT == S_IFREG
        let time = status.st_mtim
        identity = "\(status.st_dev):\(status.st_ino):\(status.st_size):\(time.tv_sec).\(time.tv_nsec)"
    }
}
