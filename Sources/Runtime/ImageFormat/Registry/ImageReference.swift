/// Where an image is: a registry, a repository there, and a tag or a digest.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host, with its port if it is not the usual one.
    package var registry: String
    package var repository: String
    package var tag: String?
    package var digest: Digest?

    package init(registry: String, repository: String, tag: String? = nil, digest: Digest? = nil) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads `registry/repository[:tag][@digest]`, or a bare name of Docker Hub as Docker does.
    ///
    /// - Throws: ``ReferenceError`` that says what is wrong.
    package init(_ text: String) throws(ReferenceError) {
        var rest = text[...]
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            let written = rest[rest.index(after: at)...]
            guard let read = Digest(written) else {
                throw ReferenceError("'\(written)' is no digest; it is sha256: and 64 hexadecimal digits")
            }
            digest = read
            rest = rest[..<at]
        }
        var registry: String?
        if let slash = rest.firstIndex(of: "/") {
            let first = rest[..<slash]
            // As Docker tells a host from a folder: by a dot, a port, or the name localhost.
            if first.contains(".") || first.contains(":") || first == "localhost" {
                registry = String(first)
                rest = rest[rest.index(after: slash)...]
            }
        }
        var tag: String?
        if let colon = rest.lastIndex(of: ":") {
            let written = String(rest[rest.index(after: colon)...])
            guard Self.isTag(written) else {
                throw ReferenceError("'\(written)' is no tag; letters, digits, '_', '.' and '-', 128 at most")
            }
            tag = written
            rest = rest[..<colon]
        }
        guard Self.isRepository(rest) else {
            throw ReferenceError(
                "'\(text)' names no repository; write it as in registry.example.com/shop/catalog, in lower case"
            )
        }
        var repository = String(rest)
        switch registry {
        case nil, "docker.io", "index.docker.io":
            if !repository.contains("/") { repository = "library/\(repository)" }
            registry = Self.dockerHub
        default: break
        }
        self.init(registry: registry ?? Self.dockerHub, repository: repository, tag: tag, digest: digest)
    }

    /// The host that Docker Hub's registry answers on.
    package static let dockerHub = "registry-1.docker.io"

    /// What is asked for in the repository: the digest, else the tag, else `latest`.
    package var revision: String { digest?.description ?? tag ?? "latest" }

    /// Registry and repository.
    package var name: String { "\(registry)/\(repository)" }

    package var description: String {
        name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// Whether the registry is on this machine, where it is spoken to without TLS, as Docker does.
    package var isOnLoopback: Bool {
        let host = registry.prefix { $0 != ":" }
        return host == "localhost" || host.hasPrefix("127.") || registry.hasPrefix("[::1]")
    }

    /// The region of a registry of Amazon ECR; nothing for any other.
    package var ecrRegion: String? {
        let parts = registry.split(separator: ".")
        guard parts.count >= 6, parts[1] == "dkr", parts[2] == "ecr" || parts[2] == "ecr-fips", parts[4] == "amazonaws"
        else { return nil }
        return String(parts[3])
    }

    package static func isTag(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first,
            isWord(first) || first == UInt8(ascii: "_")
        else { return false }
        return text.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
    }

    private static func isRepository(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 255
            && parts.allSatisfy { part in
                guard let first = part.utf8.first, let last = part.utf8.last else { return false }
                return isLower(first) && isLower(last)
                    && part.utf8.allSatisfy { isLower($0) || "._-".utf8.contains($0) }
            }
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isLower(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}

/// What is wrong with a reference.
package struct ReferenceError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
