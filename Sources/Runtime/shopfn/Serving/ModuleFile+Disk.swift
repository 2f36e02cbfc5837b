import LocalLauncher

extension ModuleFile {
    /// A module's executable as it is now; `nil` where there is none.
    init?(name: String, at path: String) {
        guard let status = FileStatus(of: path) else { return nil }
        self.init(name: name, path: path, identity: status.identity)
    }
}
