/// What goes into the layers of an image.
package struct ImageContents: Sendable {
    /// The executable's name, which is the image's.
    package var name: String
    /// The executable as built.
    package var executable: ELFFile
    package var closure: LibraryClosure
    /// The folder that the loader looks into without being told, where libraries of an image from scratch go.
    package var libraryFolder: String
    /// Authorities to trust, as PEM.
    package var certificates: [UInt8]
    /// Time zones by their name, such as `Europe/Berlin`; none where nothing reads them.
    package var timeZones: [(name: String, bytes: [UInt8])]
    /// Whether it is built upon an image, which then brings the C library.
    package var hasBase: Bool

    package init(
        name: String,
        executable: ELFFile,
        closure: LibraryClosure,
        libraryFolder: String,
        certificates: [UInt8],
        timeZones: [(name: String, bytes: [UInt8])],
        hasBase: Bool
    ) {
        self.name = name
        self.executable = executable
        self.closure = closure
        self.libraryFolder = libraryFolder
        self.certificates = certificates
        self.timeZones = timeZones
        self.hasBase = hasBase
    }

    /// The number of the user and the group a container runs as; distroless images call it `nonroot`.
    package static let user = 65_532
    /// Where the authorities are, for everything that asks the environment.
    package static let certificatesPath = "/etc/ssl/certs/ca-certificates.crt"
    /// Where the libraries are upon a base image, whose own stay as they are.
    package static let privateLibraryFolder = "/usr/local/lib/shopfn"

    /// Where the executable is.
    package var executablePath: String { "/usr/local/bin/\(name)" }

    /// The layers: first what modules share, so that registries and nodes keep it once, then the executable.
    ///
    /// - Throws: ``TarError`` or ``GzipError``.
    package func layers() throws -> [Layer] {
        var program = TarArchive()
        program[executablePath] = .file(executable.stripped, mode: 0o755)
        return [
            try Layer(shared, comment: "libraries, certificates, an unprivileged user"),
            try Layer(program, comment: name),
        ]
    }

    /// How a container of it starts.
    package func settings(labels: [String: String], annotations: [String: String]) -> ImageSettings {
        var environment: [(name: String, value: String)] = [("SSL_CERT_FILE", Self.certificatesPath)]
        if hasBase {
            environment.append(("LD_LIBRARY_PATH", Self.privateLibraryFolder))
        } else {
            environment.append(("PATH", "/usr/local/bin:/usr/bin:/bin"))
        }
        return ImageSettings(
            entrypoint: [executablePath],
            environment: environment,
            user: "\(Self.user):\(Self.user)",
            labels: labels,
            annotations: annotations
        )
    }

    private var shared: TarArchive {
        var archive = TarArchive()
        for library in closure.libraries where !(hasBase && library.isOfLibc) {
            let folder = hasBase ? Self.privateLibraryFolder : libraryFolder
            archive["\(folder)/\(library.name)"] = .file(library.bytes, mode: 0o755)
        }
        archive[Self.certificatesPath] = .file(certificates, mode: 0o644)
        addTimeZones(to: &archive)
        guard !hasBase else { return archive }
        if let loader = closure.loader { archive[loader.path] = .file(loader.bytes, mode: 0o755) }
        let user = Self.user
        archive["etc/passwd"] = .text(
            "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:\(user):\(user):nonroot:/home/nonroot:/sbin/nologin\n"
        )
        archive["etc/group"] = .text("root:x:0:\nnonroot:x:\(user):\n")
        // Without it, names of the image's own hosts file would come after the network's.
        archive["etc/nsswitch.conf"] = .text("passwd: files\ngroup: files\nhosts: files dns\n")
        archive["home/nonroot"] = .folder(mode: 0o755)
        archive["tmp"] = .folder(mode: 0o1777)
        return archive
    }

    /// Half of the database's names are other names of a zone, which links say as well as copies.
    private func addTimeZones(to archive: inout TarArchive) {
        var names: [[UInt8]: String] = [:]
        for (name, bytes) in timeZones.sorted(by: { $0.name < $1.name }) {
            if let first = names[bytes] {
                let up = String(repeating: "../", count: name.count { $0 == "/" })
                archive["usr/share/zoneinfo/\(name)"] = .link(up + first)
            } else {
                names[bytes] = name
                archive["usr/share/zoneinfo/\(name)"] = .file(bytes, mode: 0o644)
            }
        }
    }
}

extension TarArchive.Entry {
    fileprivate static func text(_ text: String) -> Self { .file(Array(text.utf8), mode: 0o644) }
}
