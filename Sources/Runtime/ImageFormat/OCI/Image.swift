import JSON

/// A whole image: its documents, and where the bytes of each layer are.
package struct Image: Sendable {
    /// A layer's bytes, or the note that they lie where the base image came from.
    package enum Content: Sendable {
        case bytes([UInt8])
        case ofBase
    }

    /// A document that is part of the image.
    package struct Document: Sendable {
        package let descriptor: Descriptor
        package let bytes: [UInt8]

        init(_ json: JSONValue, mediaType: String) throws {
            bytes = try json.serialized(.canonical)
            descriptor = Descriptor(mediaType: mediaType, digest: Digest(of: bytes), size: bytes.count)
        }
    }

    package let manifest: Document
    package let configuration: Document
    package let layers: [(descriptor: Descriptor, content: Content)]
    package let platform: Platform
    /// How many bytes the files of the layers added here hold once they are unpacked.
    package let contentSize: Int

    /// The digest that names the image.
    package var digest: Digest { manifest.descriptor.digest }

    /// How many bytes a registry keeps of it.
    package var size: Int {
        manifest.descriptor.size + configuration.descriptor.size + layers.reduce(0) { $0 + $1.descriptor.size }
    }

    /// Puts an image together.
    ///
    /// `base`: What it is built upon; nothing for an image from scratch.
    /// `layers`: What is added.
    /// `settings`: How a container of it starts.
    /// `platform`: What it is for.
    /// Throws `EncodingError`, which no text causes.
    package init(base: BaseImage?, layers added: [Layer], settings: ImageSettings, platform: Platform) throws {
        let configuration = try Document(
            .object(settings.configuration(base: base, layers: added, platform: platform)),
            mediaType: MediaType.configuration
        )
        let kept = (base?.layers ?? []).map { (descriptor: $0, content: Content.ofBase) }
        layers = kept + added.map { (descriptor: $0.descriptor, content: Content.bytes($0.bytes)) }
        var document = JSONObject([
            ("schemaVersion", .int(2)), ("mediaType", .string(MediaType.manifest)),
            ("config", .object(configuration.descriptor.json)),
            ("layers", .array(layers.map { .object($0.descriptor.json) })),
        ])
        if !settings.annotations.isEmpty {
            document["annotations"] = .object(ImageSettings.object(settings.annotations))
        }
        manifest = try Document(.object(document), mediaType: MediaType.manifest)
        self.configuration = configuration
        self.platform = platform
        contentSize = added.reduce(0) { $0 + $1.contentSize }
    }
}
