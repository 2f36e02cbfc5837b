package import ImageFormat
import JSON

/// Looks an image up to build upon it.
package enum ImagePull {
    /// The image of a platform: its manifest and configuration, without its layers.
    ///
    /// - Throws: ``RegistryError``, or ``ImageError`` for what is no image or none of the platform.
    package static func base(_ repository: Repository, for platform: Platform) async throws -> BaseImage {
        var manifest = try await repository.manifest(repository.reference.revision)
        var document = try parse(manifest.bytes, "the manifest")
        if manifest.mediaType == MediaType.index || manifest.mediaType == MediaType.dockerList {
            let chosen = try ImageIndex.manifest(in: document, for: platform)
            manifest = try await repository.manifest(chosen.digest.description)
            document = try parse(manifest.bytes, "the manifest")
        }
        guard let descriptor = document["config"].flatMap({ Descriptor($0) }) else {
            throw ImageError.malformed("the manifest names no configuration")
        }
        let configuration = try parse(try await repository.blob(descriptor), "the configuration")
        let base = try BaseImage(manifest: document, configuration: configuration)
        if let found = base.platform, found != platform {
            throw ImageError.wrongPlatform(wanted: platform, found: [found.description])
        }
        return base
    }

    private static func parse(_ bytes: [UInt8], _ what: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw ImageError.malformed("\(what) is no JSON: \(error.message)")
        }
    }
}
