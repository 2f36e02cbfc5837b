import Deployment
import Glibc
import ImageFormat

/// Writes an image to disk: as a folder, or as an archive where the name ends in `.tar`.
enum LayoutFiles {
    /// - Throws: `CommandFailure` for a place that cannot be written to, or holds something else.
    static func write(_ image: Image, name: String, base: Repository?, to path: String) async throws {
        var layers: [Digest: [UInt8]] = [:]
        for (descriptor, content) in image.layers {
            guard case .ofBase = content, let base else { continue }
            do {
                layers[descriptor.digest] = try await base.blob(descriptor)
            } catch let error as RegistryError {
                throw CommandFailure(error)
            }
        }
        let layout = try ImageLayout(image, name: name, layers: layers)
        do {
            try FileSystem.makeFolders(FileSystem.folder(of: path))
            if path.hasSuffix(".tar") {
                try FileSystem.replace(path, with: layout.archived())
            } else {
                try writeFolder(layout, to: path)
            }
        } catch let failure as FileSystem.Failure {
            throw CommandFailure(
                .unreachable,
                code: "cannot-write",
                "\(path) cannot be written: \(failure.reason)",
                fix: "see that the folder may be written to"
            )
        }
    }

    private static func writeFolder(_ layout: ImageLayout, to path: String) throws {
        if FileSystem.exists(path), !FileSystem.exists(FileSystem.join(path, "oci-layout")) {
            guard FileSystem.isFolder(path), FileSystem.names(in: path).isEmpty else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "file-exists",
                    "\(path) exists and is no image layout, so it is left alone",
                    fix: "choose another place, or remove it"
                )
            }
        }
        let temporary = "\(path).new-\(getpid())"
        do {
            for file in layout.files {
                let place = FileSystem.join(temporary, file.path)
                try FileSystem.makeFolders(FileSystem.folder(of: place))
                try FileSystem.write(file.bytes, to: place)
            }
            try FileSystem.remove(path)
            guard rename(temporary, path) == 0 else { throw FileSystem.Failure() }
        } catch {
            try? FileSystem.remove(temporary)
            throw error
        }
    }
}
