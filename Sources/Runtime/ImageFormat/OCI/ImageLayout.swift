import JSON

/// The files of an image on disk (OCI image specification, "Image Layout").
package struct ImageLayout: Sendable {
    /// Files by their path, in the order they are written in: what names others comes last.
    package let files: [(path: String, bytes: [UInt8])]

    /// - Parameters:
    ///   - image: The image.
    ///   - name: How tools call it, such as `catalog` or `catalog:v1`; the layout's only reference.
    ///   - layers: The bytes of every layer, by digest.
    /// - Throws: `EncodingError`, which no text causes.
    package init(_ image: Image, name: String, layers: [Digest: [UInt8]]) throws {
        var files: [(path: String, bytes: [UInt8])] = []
        var seen: Set<Digest> = []
        func add(_ digest: Digest, _ bytes: [UInt8]) {
            if seen.insert(digest).inserted { files.append(("blobs/sha256/\(digest.hexadecimal)", bytes)) }
        }
        for layer in image.layers {
            switch layer.content {
            case .bytes(let bytes): add(layer.descriptor.digest, bytes)
            case .ofBase:
                guard let bytes = layers[layer.descriptor.digest] else {
                    throw ImageError.malformed("the bytes of \(layer.descriptor.digest) are not there")
                }
                add(layer.descriptor.digest, bytes)
            }
        }
        add(image.configuration.descriptor.digest, image.configuration.bytes)
        add(image.manifest.descriptor.digest, image.manifest.bytes)
        var entry = image.manifest.descriptor.json
        entry["platform"] = .object(
            JSONObject([
                ("architecture", .string(image.platform.architecture)), ("os", .string(image.platform.system)),
            ])
        )
        entry["annotations"] = .object(JSONObject([("org.opencontainers.image.ref.name", .string(name))]))
        let index = JSONObject([
            ("schemaVersion", .int(2)), ("mediaType", .string(MediaType.index)),
            ("manifests", .array([.object(entry)])),
        ])
        files.append(("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)))
        files.append(("index.json", try JSONValue.object(index).serialized(.canonical)))
        self.files = files
    }

    /// The layout as one archive, as `skopeo` and `podman load` read it.
    ///
    /// - Throws: ``TarError`` for a layer of more than 8 GiB.
    package func archived() throws(TarError) -> [UInt8] {
        var archive = TarArchive()
        for file in files { archive[file.path] = .file(file.bytes, mode: 0o644) }
        return try archive.serialized()
    }
}
