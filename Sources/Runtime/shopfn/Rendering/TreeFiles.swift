import JSON
import Rendering

/// The rendered files on disk.
struct TreeFiles {
    /// The folder they are below.
    let top: String

    /// What has to be written and removed for the folder to be as rendered.
    struct Changes {
        var written: [RenderedTree.File] = []
        /// Files made by an earlier rendering, of functions that are no more.
        var removed: [String] = []

        var paths: [String] { (written.map(\.path) + removed).sorted() }
    }

    /// Functions of the overlay `eks` that run an image of their own.
    func pins() -> [String: ImagePin] {
        var pins: [String: ImagePin] = [:]
        for name in FileSystem.names(in: FileSystem.join(top, "overlays/eks/functions")) {
            if let text = read(RenderedTree.eksFunctionPath(name)), let pin = ImagePin(reading: text) {
                pins[name] = pin
            }
        }
        return pins
    }

    /// The images an overlay's modules run, as far as its files say.
    func images(of overlay: RenderedTree.Overlay, service: String, modules: [String]) -> [String: String] {
        var images: [String: String] = [:]
        for module in modules + ["shopfn"] {
            switch overlay {
            case .local: images[module] = "localhost:5000/\(service)/\(module):dev"
            case .eks:
                let pin = read(RenderedTree.eksImagePath(module)).flatMap { ImagePin(reading: $0) }
                images[module] = pin.map { "\($0.repository)@\($0.digest)" } ?? "undelivered/\(module):none"
            }
        }
        return images
    }

    func compare(_ tree: RenderedTree) -> Changes {
        var changes = Changes()
        for file in tree.files {
            let found = read(file.path)
            if file.isDelivered ? found == nil : found != file.text { changes.written.append(file) }
        }
        let known = Set(tree.files.map(\.path))
        for folder in ["base", "functions", "overlays"] {
            for path in below(folder) where !known.contains(path) {
                if read(path)?.hasPrefix(RenderedTree.mark) == true { changes.removed.append(path) }
            }
        }
        return changes
    }

    /// Writes what differs.
    ///
    /// - Returns: The paths that changed.
    /// - Throws: `CommandFailure` when the folder cannot be written to.
    func write(_ changes: Changes) throws -> [String] {
        do throws(FileSystem.Failure) {
            for file in changes.written {
                let path = FileSystem.join(top, file.path)
                try FileSystem.makeFolders(FileSystem.folder(of: path))
                try FileSystem.replace(path, with: Array(file.text.utf8))
            }
            for path in changes.removed {
                try FileSystem.remove(FileSystem.join(top, path))
                let folder = FileSystem.join(top, FileSystem.folder(of: path))
                if FileSystem.names(in: folder).isEmpty { try FileSystem.remove(folder) }
            }
        } catch {
            throw Self.failure(top, error)
        }
        return changes.paths
    }

    /// Writes each object to a file of its own.
    func write(plain objects: [RenderedObject]) throws -> [String] {
        var paths: [String] = []
        do throws(FileSystem.Failure) {
            try FileSystem.makeFolders(top)
            for (number, object) in objects.enumerated() {
                let digits = String(number + 1)
                let order = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
                let path = "\(order)-\(object.kind.lowercased())-\(object.name).yaml"
                try FileSystem.replace(
                    FileSystem.join(top, path),
                    with: Array((RenderedTree.mark + object.text).utf8)
                )
                paths.append(path)
            }
        } catch {
            throw Self.failure(top, error)
        }
        return paths
    }

    func read(_ path: String) -> String? {
        (try? FileSystem.read(FileSystem.join(top, path), upTo: 4 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func below(_ folder: String) -> [String] {
        FileSystem.names(in: FileSystem.join(top, folder)).sorted().flatMap { name -> [String] in
            let path = FileSystem.join(folder, name)
            return FileSystem.isFolder(FileSystem.join(top, path)) ? below(path) : [path]
        }
    }

    static func failure(_ path: String, _ failure: FileSystem.Failure) -> CommandFailure {
        CommandFailure(
            .unreachable,
            code: "cannot-write",
            "\(path) cannot be written: \(failure.reason)",
            fix: "see that the folder may be written to"
        )
    }
}
