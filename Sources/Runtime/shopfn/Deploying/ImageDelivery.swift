import Deployment
import ImageFormat
import Manifest

/// Makes the images that a deployment needs and sends them to the registry.
struct ImageDelivery {
    /// The registry and the path in it, below which each module has its repository.
    let registry: String
    let tag: String?
    let base: String
    let builds: Bool
    let modules: String?
    let session: RegistrySession
    /// Told of each image that is there.
    var progress: (String) -> Void

    /// The image of each module, as `registry/repository@sha256:…`.
    ///
    /// - Throws: `CommandFailure`.
    func deliver(_ names: [String], of loaded: LoadedManifest) async throws -> [String: ImageReference] {
        var images: [String: ImageReference] = [:]
        for name in names {
            let target = try RegistryOptions.reference("\(registry)/\(name)", option: "--registry")
            if builds, FileSystem.exists(FileSystem.join(loaded.folder, "Package.swift")) {
                try ModuleBuild.run(name, package: loaded.folder)
            }
            let lower =
                base == "scratch"
                ? nil : Repository(try RegistryOptions.reference(base, option: "--base"), session: session)
            let assembly = ImageAssembly(
                name: name,
                executable: try executable(name, folder: loaded.folder),
                base: lower,
                hasTimeZones: name == ImageAssembly.runtime
            )
            let image = try await assembly.image()
            let prefix = String(target.repository.dropLast(name.count))
            let push = ImagePush(
                to: Repository(target, session: session),
                sources: loaded.manifest.modules.filter { $0 != name }.map { prefix + $0 },
                base: lower
            )
            do {
                let report = try await push(image, tag: tag)
                // A tag that was not chosen is made of the digest.
                let digest = tag == nil ? "" : " \(image.digest.short)"
                progress(
                    "\(name): \(report.reference.tag ?? "")\(digest), "
                        + (report.wasThere ? "was there" : "\(ImageReport.size(report.sentBytes)) sent")
                )
                images[name] = report.reference
            } catch let error as RegistryError {
                throw CommandFailure(error)
            }
        }
        return images
    }

    private func executable(_ name: String, folder: String) throws -> String {
        let locator = ModuleLocator(chosen: modules, manifestFolder: folder)
        guard let path = locator.path(of: name) else {
            throw CommandFailure(
                .wrongUsage,
                code: "module-missing",
                "the module '\(name)' is not built: looked in \(locator.folders.joined(separator: ", "))",
                fix: "run 'swift build -c release --product \(name)', or name the folder with --modules"
            )
        }
        return path
    }
}

extension ImageReference {
    /// The image by its digest alone, which no tag's moving changes.
    var byDigest: String { name + (digest.map { "@\($0)" } ?? "") }
}
