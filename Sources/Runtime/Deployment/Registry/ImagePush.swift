package import ImageFormat

/// Sends an image to a repository, and of it only what is not there.
package struct ImagePush: Sendable {
    /// What became of a layer or of the configuration.
    package enum Step: Equatable, Sendable {
        case wasThere
        case mounted(from: String)
        case sent
    }

    package struct Report: Sendable {
        /// The image by its digest, and by its tag.
        package var reference: ImageReference
        package var steps: [(descriptor: Descriptor, step: Step)] = []
        /// Bytes of layers and configuration that went over the wire.
        package var sentBytes = 0
        /// Whether the tag stood for the very same image already.
        package var wasThere = false
    }

    package let repository: Repository
    /// Repositories of the same registry that may have a layer already.
    package var sources: [String]
    /// Where the base image is.
    package var base: Repository?

    package init(to repository: Repository, sources: [String] = [], base: Repository? = nil) {
        self.repository = repository
        self.sources = sources
        self.base = base
    }

    /// The tag of an image that is given none: it changes with what the image holds and never moves.
    package static func tag(of image: Image) -> String { "sha256-\(image.digest.short)" }

    /// Sends it.
    ///
    /// `image`: The image.
    /// `tag`: Its tag; by default one made of its digest.
    /// `progress`: Told after each layer.
    /// Throws ``RegistryError``.
    package func callAsFunction(
        _ image: Image,
        tag: String?,
        progress: (Descriptor, Step) -> Void = { _, _ in }
    ) async throws -> Report {
        let tag = tag ?? Self.tag(of: image)
        var report = Report(reference: repository.reference)
        report.reference.tag = tag
        report.reference.digest = image.digest
        if try await repository.digest(ofTag: tag) == image.digest {
            report.wasThere = true
            return report
        }
        let contents = image.layers + [(image.configuration.descriptor, .bytes(image.configuration.bytes))]
        var seen: Set<Digest> = []
        for (descriptor, content) in contents where seen.insert(descriptor.digest).inserted {
            let step = try await send(descriptor, content, report: &report)
            report.steps.append((descriptor, step))
            progress(descriptor, step)
        }
        try await repository.put(image.manifest, as: tag)
        return report
    }

    private func send(_ descriptor: Descriptor, _ content: Image.Content, report: inout Report) async throws -> Step {
        if try await repository.has(descriptor.digest) { return .wasThere }
        var candidates = sources
        if case .ofBase = content, let base, base.reference.registry == repository.reference.registry {
            candidates.insert(base.reference.repository, at: 0)
        }
        candidates.removeAll { $0 == repository.reference.repository }
        var begun: String?
        for source in candidates {
            switch try await repository.mount(descriptor.digest, from: source) {
            case .mounted: return .mounted(from: source)
            case .begun(let location): begun = location
            }
        }
        let bytes: [UInt8]
        switch content {
        case .bytes(let own): bytes = own
        case .ofBase:
            guard let base else { throw ImageError.malformed("a layer of the base image is nowhere to be had") }
            bytes = try await base.blob(descriptor)
        }
        if begun == nil, case .begun(let location) = try await repository.mount(descriptor.digest, from: nil) {
            begun = location
        }
        guard let begun else { return .wasThere }
        report.sentBytes += try await BlobUpload(repository: repository, digest: descriptor.digest, bytes: bytes)
            .run(at: begun)
        return .sent
    }
}
