import Foundation

/// An authority that certifies what tests start, by openssl: `ca.pem` and `ca.key` in a folder, and what it issues.
package struct TestAuthority: Sendable {
    package let folder: String

    /// What openssl makes keys of.
    private static let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

    /// Makes one in a folder that is there, or in one of its own below the temporary folder, which ``remove()`` removes.
    package init(in folder: String? = nil) throws {
        self.folder = folder ?? NSTemporaryDirectory() + "authority-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try makeSelfSigned("ca")
    }

    package func file(_ name: String) -> String { folder + "/" + name }

    package func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// A certificate that nobody vouches for: `NAME.pem` and `NAME.key`.
    package func makeSelfSigned(_ name: String) throws {
        try openssl("req -x509 \(Self.key) -days 2 -subj /CN=\(name) -keyout \(name).key -out \(name).pem")
    }

    /// A certificate for the names, such as `DNS:localhost,IP:127.0.0.1`: `NAME.pem` and `NAME.key`.
    ///
    /// Made aside and moved into place, so that nobody reads half of one that is replaced.
    package func issue(_ name: String, for names: String, subject: String? = nil) throws {
        let subject = subject ?? "/CN=\(name)"
        try openssl("req \(Self.key) -subj \(subject) -keyout \(name).key.new -out \(name).csr")
        try "subjectAltName=\(names)".write(toFile: file("\(name).ext"), atomically: true, encoding: .utf8)
        try openssl(
            "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile \(name).ext "
                + "-out \(name).pem.new"
        )
        for kind in ["key", "pem"] { rename(file("\(name).\(kind).new"), file("\(name).\(kind)")) }
    }

    /// Runs openssl in the folder, its words parted by spaces.
    package func openssl(_ words: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + words.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw LoopbackError(description: "openssl \(words) failed with \(process.terminationStatus)")
        }
    }
}
