import Glibc

/// What the file system says of a path.
///
/// It stands here because a file that sees both Glibc and all that shopfn imports cannot tell whose `stat` is meant.
package struct FileStatus: Sendable {
    package let isFolder: Bool
    package let isFile: Bool
    package let isSocket: Bool
    package let owner: UInt32
    /// When its content last changed, in seconds since the Unix epoch.
    package let modified: Int
    /// Changes when the file does: its device, inode, size and time.
    package let identity: String

    /// `nil` where there is nothing; a link is looked through, or at itself where `followsLinks` is false.
    package init?(of path: String, followsLinks: Bool = true) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isFile = status.st_mode & S_IFMT == S_IFREG
        isSocket = status.st_mode & S_IFMT == S_IFSOCK
        owner = status.st_uid
        let time = status.st_mtim
        modified = time.tv_sec
        identity = "\(status.st_dev):\(status.st_ino):\(status.st_size):\(time.tv_sec).\(time.tv_nsec)"
    }
}
