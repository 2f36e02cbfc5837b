/// Looks whether the GitOps overlay names an image by its digest for every module.
enum ImageExamination {
    /// - Parameters:
    ///   - folder: The manifest's folder, below which the overlay lies.
    ///   - overlay: The overlay's path from there.
    /// - Returns: How the image of each module is.
    static func findings(folder: String, overlay: String) -> [Finding] {
        let images = FileSystem.join(folder, "\(overlay)/images")
        let modules = FileSystem.names(in: images).filter { FileSystem.isFolder(FileSystem.join(images, $0)) }.sorted()
        guard !modules.isEmpty else { return [.skipped(.images, "\(overlay) has no images")] }
        return modules.map { module in
            let path = FileSystem.join(images, "\(module)/kustomization.yaml")
            guard let bytes = try? FileSystem.read(path, upTo: 1 << 20) else {
                return .wrong(
                    .images,
                    "\(overlay)/images/\(module)/kustomization.yaml cannot be read",
                    fix: "take it back from Git"
                )
            }
            return finding(module: module, overlay: overlay, text: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// What the file of one module says.
    static func finding(module: String, overlay: String, text: String) -> Finding {
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == " " || $0 == "-" })
        }
        guard let digest = lines.first(where: { $0.hasPrefix("digest:") }) else {
            return .wrong(
                .images,
                "\(overlay) names no digest for \(module), so its pods have no image to run",
                fix: "run the workflow 'deliver', or scripts/platform/set_digests.py with the digest that was pushed"
            )
        }
        let value = digest.dropFirst("digest:".count).drop { $0 == " " }
        let hexadecimal = value.dropFirst("sha256:".count)
        guard value.hasPrefix("sha256:"), hexadecimal.count == 64,
            hexadecimal.allSatisfy({ $0.isHexDigit && !$0.isUppercase })
        else {
            return .wrong(
                .images,
                "\(overlay) names '\(value)' for \(module), which is no digest",
                fix: "set it with scripts/platform/set_digests.py, which checks it"
            )
        }
        return .right(.images, "\(module) runs \(value.prefix(19))…")
    }
}
