import HTTPTransfer
import ImageFormat

/// Sends a blob piece by piece; a piece that got lost is sent again from where the registry says it has come.
struct BlobUpload {
    let repository: Repository
    let digest: Digest
    let bytes: [UInt8]
    /// Amazon ECR takes no pieces under 5 MiB but the last; most layers fit into one.
    var pieceSize = 16 << 20
    /// How often in a row nothing may get through.
    var attempts = 6

    private var what: String { "take a blob into \(repository.reference.repository)" }

    /// Sends what is missing.
    ///
    /// - Returns: How many bytes were sent, repeated ones included.
    /// - Throws: ``RegistryError`` once nothing gets through any more.
    func run(at first: String) async throws -> Int {
        var location = first
        var offset = 0
        var sent = 0
        var failures = 0
        while true {
            let end = min(offset + pieceSize, bytes.count)
            do {
                if offset < bytes.count {
                    sent += end - offset
                    location = try await send(offset..<end, to: location)
                    offset = end
                }
                if offset == bytes.count {
                    try await finish(at: location)
                    return sent
                }
                failures = 0
            } catch let error as RegistryError where error.isTransient || isLostUpload(error) {
                failures += 1
                guard failures < attempts else { throw error }
                try await Task.sleep(for: .milliseconds(50 << failures))
                (location, offset) = try await resume(location)
            }
        }
    }

    private func send(_ range: Range<Int>, to location: String) async throws -> String {
        var request = HTTPClientRequest(method: "PATCH", url: location)
        request.headers["Content-Type"] = "application/octet-stream"
        request.headers["Content-Range"] = "\(range.lowerBound)-\(range.upperBound - 1)"
        request.body = Array(bytes[range])
        request.timeout = .seconds(300)
        // Sent once: what became of it is asked before it is sent again.
        let response = try await repository.session.send(request, access: repository.writing, what: what, attempts: 1)
        guard response.status == 202 || response.status == 201 || response.status == 204 else {
            throw repository.refusal(response, what: what)
        }
        return response.headers["Location"].map { repository.session.absolute($0, at: repository.reference) }
            ?? location
    }

    private func finish(at location: String) async throws {
        let mark = location.contains("?") ? "&" : "?"
        let url = location + mark + RegistrySession.form([("digest", digest.description)])
        var request = HTTPClientRequest(method: "PUT", url: url)
        request.headers["Content-Type"] = "application/octet-stream"
        let response = try await repository.session.send(request, access: repository.writing, what: what, attempts: 1)
        guard response.status == 201 || response.status == 204 else { throw repository.refusal(response, what: what) }
    }

    /// Asks how far it came; begins anew where that is not known any more.
    private func resume(_ location: String) async throws -> (String, Int) {
        // The answer to the last request may be all that was lost.
        if try await repository.has(digest) { return (location, bytes.count) }
        let access = repository.writing
        let response = try? await repository.session.send(HTTPClientRequest(url: location), access: access, what: what)
        if let response, response.status == 204, let last = response.headers["Range"]?.split(separator: "-").last,
            let position = Int(last), position < bytes.count
        {
            let next = response.headers["Location"].map { repository.session.absolute($0, at: repository.reference) }
            // '0-0' is what a registry says of an upload that holds nothing yet.
            return (next ?? location, position == 0 ? 0 : position + 1)
        }
        guard case .begun(let anew) = try await repository.mount(digest, from: nil) else { return (location, 0) }
        return (anew, 0)
    }

    /// Whether the registry forgot the upload, or sees another end of it.
    private func isLostUpload(_ error: RegistryError) -> Bool {
        guard case .refused(_, _, let status, let code, _) = error else { return false }
        return status == 416 || code == "BLOB_UPLOAD_UNKNOWN" || code == "BLOB_UPLOAD_INVALID"
    }
}
