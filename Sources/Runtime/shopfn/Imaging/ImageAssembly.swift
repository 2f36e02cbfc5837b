import Deployment
import ImageFormat

/// Makes the image of an executable out of what is on this machine.
struct ImageAssembly {
    /// The image of the runtime itself.
    static let runtime = "shopfn"

    /// The image's name: a module's, or `shopfn`.
    let name: String
    let executable: String
    /// The folder that libraries, authorities and time zones are taken from.
    var root = "/"
    /// What is built upon; nothing for an image from scratch.
    var base: Repository?
    /// What the image must be for; by default what the executable is for.
    var platform: Platform?
    /// Whether the database of time zones goes in.
    var hasTimeZones = false
    var labels: [String: String] = [:]

    /// Puts the image together.
    ///
    /// - Throws: `CommandFailure`.
    func image() async throws -> Image {
        let file = try readExecutable()
        let own = Platform(architecture: file.machine.architecture)
        if let platform, platform != own {
            throw CommandFailure(
                .wrongUsage,
                code: "wrong-platform",
                "\(executable) is made for \(own), not for \(platform)",
                fix: "build it there, or name the folder of executables for \(platform) with --modules and --root"
            )
        }
        let finder = LibraryFinder(root: root, origin: FileSystem.folder(of: executable))
        let closure: LibraryClosure
        do {
            closure = try LibraryClosure(of: file, find: finder.find)
        } catch {
            throw CommandFailure(.wrongUsage, code: "library-missing", "\(error)", fix: "install it, and try again")
        }
        let libc = closure.libraries.first { $0.name.hasPrefix("libc.so") }
        let contents = ImageContents(
            name: name,
            executable: file,
            closure: closure,
            libraryFolder: libc.map(finder.folder(of:)) ?? "/usr/lib",
            certificates: try certificates(),
            timeZones: hasTimeZones ? try timeZones() : [],
            hasBase: base != nil
        )
        var annotations = ["org.opencontainers.image.title": name]
        if let base { annotations["org.opencontainers.image.base.name"] = base.reference.description }
        let lower = try await lower(own)
        return try Image(
            base: lower,
            layers: try contents.layers(),
            settings: contents.settings(labels: labels, annotations: annotations),
            platform: own
        )
    }

    private func lower(_ platform: Platform) async throws -> BaseImage? {
        guard let base else { return nil }
        do {
            return try await ImagePull.base(base, for: platform)
        } catch let error as ImageError {
            throw CommandFailure(
                .wrongUsage,
                code: "base-image",
                "\(base.reference): \(error)",
                fix: "choose another --base"
            )
        } catch let error as RegistryError {
            throw CommandFailure(error)
        }
    }

    private func readExecutable() throws -> ELFFile {
        do {
            return try ELFFile(FileSystem.read(executable, upTo: 1 << 30))
        } catch let error as ELFError {
            throw CommandFailure(
                .wrongUsage,
                code: "no-executable",
                "\(executable) cannot go into an image: \(error)",
                fix: "build it for Linux with 'swift build -c release'"
            )
        } catch let failure as FileSystem.Failure {
            throw CommandFailure(
                .wrongUsage,
                code: "no-executable",
                "\(executable) cannot be read: \(failure.reason)",
                fix: "build it with 'swift build -c release'"
            )
        }
    }

    private func certificates() throws -> [UInt8] {
        let places = [
            "etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem",
            "etc/ssl/cert.pem",
        ]
        for place in places {
            if let bytes = try? FileSystem.read(FileSystem.join(root, place), upTo: 16 << 20), !bytes.isEmpty {
                return bytes
            }
        }
        throw CommandFailure(
            .wrongUsage,
            code: "no-certificates",
            "there are no certificates of authorities below \(root)",
            fix: "install the package ca-certificates"
        )
    }

    private func timeZones() throws -> [(name: String, bytes: [UInt8])] {
        let folder = FileSystem.join(root, "usr/share/zoneinfo")
        var zones: [(name: String, bytes: [UInt8])] = []
        func gather(_ path: String, _ name: String) {
            if FileSystem.isFolder(path) {
                // Both hold every zone once more, with other ideas of leap seconds.
                guard name != "posix", name != "right" else { return }
                for entry in FileSystem.names(in: path) {
                    gather(FileSystem.join(path, entry), name.isEmpty ? entry : "\(name)/\(entry)")
                }
            } else if let bytes = try? FileSystem.read(path, upTo: 1 << 20), bytes.starts(with: Array("TZif".utf8)) {
                zones.append((name, bytes))
            }
        }
        gather(folder, "")
        guard !zones.isEmpty else {
            throw CommandFailure(
                .wrongUsage,
                code: "no-time-zones",
                "there are no time zones in \(folder)",
                fix: "install the package tzdata"
            )
        }
        return zones
    }
}

extension CommandFailure {
    /// What a registry said, in the terms of the command line.
    init(_ error: RegistryError) {
        self.init(.unreachable, code: "registry", "\(error)", fix: error.fix)
    }
}
