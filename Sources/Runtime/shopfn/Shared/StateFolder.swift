/// Where development runs keep what must outlive them.
enum StateFolder {
    /// The private Valkey's data: as chosen, else in `.shopfn` beside the manifest.
    static func valkey(_ chosen: String?, manifestFolder: String) -> String {
        guard let chosen else { return manifestFolder + "/.shopfn/valkey" }
        return chosen.hasPrefix("/") ? chosen : FileSystem.join(FileSystem.currentFolder, chosen)
    }

    /// Where the project keeps programs it brought itself.
    static func programs(manifestFolder: String) -> [String] {
        [manifestFolder + "/.tools/valkey"]
    }
}
