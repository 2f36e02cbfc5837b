/// Where development runs keep what must outlive them.
enum StateFolder {
    /// The private Valkey's data: as chosen, else in `.shopfn` beside the manifest.
    static func valkey(_ chosen: String?, manifestFolder: String) -> String {
        chosen.map(absolute) ?? manifestFolder + "/.shopfn/valkey"
    }

    /// What the scaler has learned: in the folder chosen, else in `.shopfn` beside the manifest.
    static func learned(_ chosen: String?, manifestFolder: String) -> String {
        (chosen.map(absolute) ?? manifestFolder + "/.shopfn") + "/scaling.state"
    }

    private static func absolute(_ folder: String) -> String {
        folder.hasPrefix("/") ? folder : FileSystem.join(FileSystem.currentFolder, folder)
    }

    /// Where the project keeps programs it brought itself.
    static func programs(manifestFolder: String) -> [String] {
        [manifestFolder + "/.tools/valkey"]
    }
}
