import ImageFormat
import JSON
import Testing

@Suite struct ImageTests {
    private func layer(_ text: String) throws -> Layer {
        var archive = TarArchive()
        archive["file"] = .file(Array(text.utf8), mode: 0o644)
        return try Layer(archive, comment: text)
    }

    /// Vectors of FIPS 180-4.
    @Test func digestsAreThoseOfTheStandard() {
        #expect(Digest(of: []).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Digest(of: Array("abc".utf8)).description
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(Digest("sha256:" + String(repeating: "A", count: 64)) == nil)
        #expect(Digest("sha512:" + String(repeating: "a", count: 64)) == nil)
    }

    @Test func equalPartsGiveEqualBytes() throws {
        let settings = ImageSettings(
            entrypoint: ["/a"],
            labels: ["b": "1", "a": "2"],
            annotations: ["y": "1", "x": "2"]
        )
        let platform = Platform(architecture: "amd64")
        let one = try Image(base: nil, layers: [layer("x")], settings: settings, platform: platform)
        let two = try Image(base: nil, layers: [layer("x")], settings: settings, platform: platform)
        #expect(one.manifest.bytes == two.manifest.bytes)
        let layouts = try [one, two].map { try ImageLayout($0, name: "n", layers: [:]).archived() }
        #expect(layouts[0] == layouts[1])
        let other = try Image(base: nil, layers: [layer("y")], settings: settings, platform: platform)
        #expect(other.digest != one.digest)
    }

    @Test func aBaseKeepsItsLayersAndLosesItsStart() throws {
        let below = try layer("below")
        let manifest: JSONValue = [
            "layers": [
                [
                    "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    "digest": .string(below.descriptor.digest.description), "size": .int(below.descriptor.size),
                ]
            ]
        ]
        let configuration: JSONValue = [
            "os": "linux", "architecture": "amd64", "created": "2020-02-02T02:02:02Z",
            "config": ["Cmd": ["bash"], "Env": ["PATH=/bin", "A=1"], "Labels": ["kept": "yes"]],
            "rootfs": ["type": "layers", "diff_ids": [.string(below.diffID.description)]],
        ]
        let base = try BaseImage(manifest: manifest, configuration: configuration)
        let settings = ImageSettings(entrypoint: ["/a"], environment: [("A", "2")], labels: ["own": "too"])
        let image = try Image(
            base: base,
            layers: [layer("above")],
            settings: settings,
            platform: Platform(architecture: "amd64")
        )
        let document = try JSONValue(parsing: image.configuration.bytes)
        #expect(document["config"]?["Env"] == ["PATH=/bin", "A=2"])
        #expect(document["config"]?["Cmd"] == nil)
        #expect(document["config"]?["Labels"] == ["kept": "yes", "own": "too"])
        #expect(document["config"]?["User"] == "65532:65532")
        #expect(document["rootfs"]?["diff_ids"]?.arrayValue?.count == 2)
        #expect(image.layers.map(\.descriptor.mediaType) == [MediaType.layer, MediaType.layer])
        // Whose bytes are not handed over cannot be written.
        #expect(throws: ImageError.self) { try ImageLayout(image, name: "n", layers: [:]) }
    }

    @Test func anIndexGivesTheImageOfThePlatform() throws {
        let digest = "sha256:" + String(repeating: "1", count: 64)
        func entry(_ system: String, _ architecture: String) -> JSONValue {
            [
                "mediaType": .string(MediaType.manifest), "digest": .string(digest), "size": 1,
                "platform": ["os": .string(system), "architecture": .string(architecture)],
            ]
        }
        let index: JSONValue = ["manifests": [entry("linux", "arm64"), entry("unknown", "unknown")]]
        #expect(try ImageIndex.manifest(in: index, for: Platform(architecture: "arm64")).digest.description == digest)
        #expect(throws: ImageError.wrongPlatform(wanted: Platform(architecture: "amd64"), found: ["linux/arm64"])) {
            try ImageIndex.manifest(in: index, for: Platform(architecture: "amd64"))
        }
    }

    @Test func compressionIsReversible() throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0) }
        let packed = try Gzip.compressed(bytes)
        #expect(packed.prefix(4) == [0x1F, 0x8B, 8, 0])
        #expect(packed[4..<8] == [0, 0, 0, 0], "a time would make each image another")
        #expect(packed.count < bytes.count)
    }
}
