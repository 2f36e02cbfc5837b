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
        let texts = modules.map { module in
            let path = FileSystem.join(images, "\(module)/kustomization.yaml")
            return (try? FileSystem.read(path, upTo: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
        }
        // Before the first delivery nothing is wrong yet.
        guard !texts.allSatisfy({ $0.map { digest(in: $0) == nil } ?? false }) else {
            return [
                .skipped(
                    .images,
                    "nothing was delivered to \(overlay) yet; the workflow 'deliver' or 'shopfn deploy --to git' does"
                )
            ]
        }
        return zip(modules, texts).map { module, text in
            guard let text else {
                return .wrong(
                    .images,
                    "\(overlay)/images/\(module)/kustomization.yaml cannot be read",
                    fix: "take it back from Git"
                )
            }
            return finding(module: module, overlay: overlay, text: text)
        }
    }

    /// What a module's file names as the digest, in the file's words.
    private static func digest(in text: String) -> Substring? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "-" } }
        return lines.first { $0.hasPrefix("digest:") }?.dropFirst("digest:".count).drop { $0 == " " }
    }

    /// What the file of one module says.
    static func finding(module: String, overlay: String, text: String) -> Finding {
        guard let value = digest(in: text) else {
            return .wrong(
                .images,
                "\(overlay) names no digest for \(module), so its pods have no image to run",
                fix: "run the workflow 'deliver', or scripts/platform/set_digests.py with the digest that was pushed"
            )
        }
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
