package import JSON

/// Points at some content: what it is, how large, and its digest (OCI image specification, "Descriptors").
package struct Descriptor: Hashable, Sendable {
    package var mediaType: String
    package var digest: Digest
    /// In bytes.
    package var size: Int

    package init(mediaType: String, digest: Digest, size: Int) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
    }

    /// Reads a descriptor; nothing where a member is missing or wrong.
    package init?(_ json: JSONValue) {
        guard let mediaType = json["mediaType"]?.stringValue,
            let digest = json["digest"]?.stringValue.flatMap({ Digest($0) }),
            let size = json["size"]?.intValue, size >= 0
        else { return nil }
        self.init(mediaType: mediaType, digest: digest, size: size)
    }

    package var json: JSONObject {
        JSONObject([
            ("mediaType", .string(mediaType)), ("digest", .string(digest.description)), ("size", .int(size)),
        ])
    }
}

/// The media types of what images are made of.
package enum MediaType {
    package static let index = "application/vnd.oci.image.index.v1+json"
    package static let manifest = "application/vnd.oci.image.manifest.v1+json"
    package static let configuration = "application/vnd.oci.image.config.v1+json"
    package static let layer = "application/vnd.oci.image.layer.v1.tar+gzip"
    /// What images made by Docker's own format call the same.
    package static let dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip"
}

/// For what processor and system an image is.
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    package var system: String
    package var architecture: String

    package init(system: String = "linux", architecture: String) {
        self.system = system
        self.architecture = architecture
    }

    /// Reads `linux/amd64`; nothing for anything else.
    ///
    /// A variant, as in `linux/arm64/v8`, is left out.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), !parts.contains("") else { return nil }
        self.init(system: parts[0], architecture: parts[1])
    }

    package var description: String { "\(system)/\(architecture)" }
}
