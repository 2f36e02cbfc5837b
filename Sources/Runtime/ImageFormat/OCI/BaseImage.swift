package import JSON

/// An image that another is built upon, known by its manifest and its configuration.
package struct BaseImage: Sendable {
    package let layers: [Descriptor]
    /// The configuration as it is.
    package let configuration: JSONObject

    /// Reads the two documents.
    ///
    /// - Throws: ``ImageError`` where they are not what the specification says.
    package init(manifest: JSONValue, configuration: JSONValue) throws(ImageError) {
        guard let layers = manifest["layers"]?.arrayValue else { throw .malformed("the manifest has no layers") }
        self.layers = try layers.map { (layer) throws(ImageError) in
            guard var descriptor = Descriptor(layer) else { throw .malformed("a layer's descriptor is not whole") }
            // The same bytes, under the name that goes with the rest of the manifest.
            if descriptor.mediaType == MediaType.dockerLayer { descriptor.mediaType = MediaType.layer }
            return descriptor
        }
        guard let object = configuration.objectValue,
            let diffIDs = configuration["rootfs"]?["diff_ids"]?.arrayValue, diffIDs.count == layers.count
        else { throw .malformed("the configuration has not one difference for each layer") }
        self.configuration = object
    }

    /// What the image is for.
    package var platform: Platform? {
        guard let system = configuration["os"]?.stringValue,
            let architecture = configuration["architecture"]?.stringValue
        else { return nil }
        return Platform(system: system, architecture: architecture)
    }
}

/// Why an image cannot be made of its parts.
package enum ImageError: Error, Equatable, CustomStringConvertible {
    case malformed(String)
    case wrongPlatform(wanted: Platform, found: [String])

    package var description: String {
        switch self {
        case .malformed(let what): "the image is not as the OCI specification says: \(what)"
        case .wrongPlatform(let wanted, let found):
            "it is not there for \(wanted), only for \(found.isEmpty ? "nothing" : found.joined(separator: ", "))"
        }
    }
}

/// Picks the image of a platform out of an index.
package enum ImageIndex {
    /// - Throws: ``ImageError/wrongPlatform(wanted:found:)`` where the index has none for it.
    package static func manifest(in index: JSONValue, for platform: Platform) throws(ImageError) -> Descriptor {
        var found: [String] = []
        for entry in index["manifests"]?.arrayValue ?? [] {
            guard let descriptor = Descriptor(entry), let system = entry["platform"]?["os"]?.stringValue,
                let architecture = entry["platform"]?["architecture"]?.stringValue
            else { continue }
            let offered = Platform(system: system, architecture: architecture)
            if offered == platform { return descriptor }
            // Attestations stand in an index as images for no platform.
            if system != "unknown" { found.append(offered.description) }
        }
        throw .wrongPlatform(wanted: platform, found: found)
    }
}
