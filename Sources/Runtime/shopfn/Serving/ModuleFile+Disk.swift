import Glibc
import LocalLauncher

extension ModuleFile {
    /// A module's executable as it is now; `nil` where there is none.
    init?(name: String, at path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let time = status.st_mtim
        self.init(
            name: name,
            path: path,
            identity: "\(status.st_dev):\(status.st_ino):\(status.st_size):\(time.tv_sec).\(time.tv_nsec)"
        )
    }
}
