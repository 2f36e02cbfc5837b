import HTTPTransfer
package import ImageFormat
import JSON

/// One repository of a registry: what may be asked of it and put into it.
package struct Repository: Sendable {
    let session: RegistrySession
    package let reference: ImageReference

    package init(_ reference: ImageReference, session: RegistrySession) {
        self.reference = reference
        self.session = session
    }

    /// A manifest or an index as it is kept, with its type.
    package struct Manifest: Sendable {
        package var mediaType: String
        package var digest: Digest
        package var bytes: [UInt8]
    }

    static let accepted = [
        MediaType.manifest, MediaType.index, MediaType.dockerManifest, MediaType.dockerList,
    ].joined(separator: ", ")
    static let largestManifest = 4 << 20
    static let largestBlob = 4 << 30

    // MARK: Reading

    /// The manifest of a tag or digest.
    ///
    /// - Throws: ``RegistryError``; one that is not there is a refusal with 404.
    package func manifest(_ revision: String) async throws -> Manifest {
        let what = "show \(reference.repository):\(revision)"
        var request = HTTPClientRequest(url: session.url(reference, "manifests/\(revision)"))
        request.headers["Accept"] = Self.accepted
        request.maxResponseBytes = Self.largestManifest
        let response = try await session.send(request, access: reading, what: what)
        guard response.isSuccess else { throw refusal(response, what: what) }
        let digest = Digest(of: response.body)
        if let wanted = Digest(revision), wanted != digest {
            throw RegistryError.corrupted(registry: reference.registry, what: "the manifest \(wanted)")
        }
        let written = (try? JSONValue(parsing: response.body))?["mediaType"]?.stringValue
        let mediaType = written ?? response.headers["Content-Type"].map { String($0.prefix { $0 != ";" }) }
        return Manifest(mediaType: mediaType ?? MediaType.manifest, digest: digest, bytes: response.body)
    }

    /// The digest a tag stands for; nothing where there is no such tag.
    package func digest(ofTag tag: String) async throws -> Digest? {
        do {
            return try await manifest(tag).digest
        } catch let error as RegistryError where error.isNotFound {
            return nil
        }
    }

    /// Whether a blob is there.
    package func has(_ digest: Digest) async throws -> Bool {
        let what = "look for a blob in \(reference.repository)"
        let request = HTTPClientRequest(method: "HEAD", url: session.url(reference, "blobs/\(digest)"))
        let response = try await session.send(request, access: writing, what: what)
        // What is kept elsewhere is answered by where it is kept.
        if response.isSuccess || [301, 302, 303, 307, 308].contains(response.status) { return true }
        guard response.status == 404 else { throw refusal(response, what: what) }
        return false
    }

    /// A blob's bytes, which are what their digest says.
    package func blob(_ descriptor: Descriptor) async throws -> [UInt8] {
        let what = "hand out a blob of \(reference.repository)"
        var request = HTTPClientRequest(url: session.url(reference, "blobs/\(descriptor.digest)"))
        request.maxResponseBytes = min(Self.largestBlob, descriptor.size + 1)
        request.timeout = .seconds(600)
        let response = try await session.send(request, access: reading, what: what)
        guard response.isSuccess else { throw refusal(response, what: what) }
        guard Digest(of: response.body) == descriptor.digest else {
            throw RegistryError.corrupted(registry: reference.registry, what: "the blob \(descriptor.digest)")
        }
        return response.body
    }

    // MARK: Writing

    /// Puts a manifest under a tag or its digest.
    package func put(_ manifest: Image.Document, as revision: String) async throws {
        let what = "take \(reference.repository):\(revision)"
        var request = HTTPClientRequest(method: "PUT", url: session.url(reference, "manifests/\(revision)"))
        request.headers["Content-Type"] = manifest.descriptor.mediaType
        request.body = manifest.bytes
        let response = try await session.send(request, access: writing, what: what)
        guard response.isSuccess else { throw refusal(response, what: what) }
        if let told = response.headers["Docker-Content-Digest"], told != manifest.descriptor.digest.description {
            throw RegistryError.corrupted(registry: reference.registry, what: "the manifest it took")
        }
    }

    /// Takes a blob over from another repository of the registry.
    ///
    /// - Returns: Whether it did; a registry need not, and then an upload has begun at the location.
    func mount(_ digest: Digest, from source: String?) async throws -> UploadStart {
        let what = "take a blob into \(reference.repository)"
        var access = writing
        var query = ""
        if let source {
            access.source = source
            query = "?" + RegistrySession.form([("mount", digest.description), ("from", source)])
        }
        var request = HTTPClientRequest(method: "POST", url: session.url(reference, "blobs/uploads/") + query)
        request.headers["Content-Type"] = "application/octet-stream"
        let response = try await session.send(request, access: access, what: what)
        switch response.status {
        case 201 where source != nil: return .mounted
        case 202:
            guard let location = response.headers["Location"] else {
                throw RegistryError.malformed(registry: reference.registry, what: "an upload without a location")
            }
            return .begun(location: session.absolute(location, at: reference))
        default: throw refusal(response, what: what)
        }
    }

    enum UploadStart {
        case mounted
        case begun(location: String)
    }

    var reading: RegistrySession.Access { .init(repository: reference, isWriting: false) }
    var writing: RegistrySession.Access { .init(repository: reference, isWriting: true) }

    func refusal(_ response: HTTPClientResponse, what: String) -> RegistryError {
        let error = (try? JSONValue(parsing: response.body))?["errors"]?[0]
        return .refused(
            registry: reference.registry,
            what: what,
            status: response.status,
            code: error?["code"]?.stringValue,
            message: error?["message"]?.stringValue
        )
    }
}
