import Foundation
import JSON

/// The built `shopfn`, run as a user runs it.
struct Shopfn {
    struct Result {
        var status: Int32
        var output: [UInt8]
        var errors: String

        var text: String { String(decoding: output, as: UTF8.self) }

        func json() throws -> JSONValue { try JSONValue(parsing: output) }
    }

    /// The executable, which a build of the tests puts beside them.
    static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "shopfn")

    /// The folder it runs in.
    let folder: URL
    /// The folder to be kept as long as this value is: it removes itself with its last owner.
    private let kept: TemporaryFolder?
    var environment: [String: String] = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]

    init(folder: TemporaryFolder) {
        self.folder = folder.url
        kept = folder
    }

    init(folder: URL, of kept: TemporaryFolder? = nil) {
        self.folder = folder
        self.kept = kept
    }

    func callAsFunction(_ arguments: String..., input: [UInt8] = []) throws -> Result {
        defer { withExtendedLifetime(kept) {} }
        let process = Process()
        let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
        process.executableURL = Self.executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
        try standardInput.fileHandleForWriting.close()
        // What it says on standard error is far less than a pipe holds.
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: Array(bytes),
            errors: String(decoding: said, as: UTF8.self)
        )
    }
}

/// A folder of a test's own, removed with it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "shopfn-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func write(_ path: String, _ text: String, isExecutable: Bool = false) throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        if isExecutable {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: file.path(percentEncoded: false)
            )
        }
    }

    func read(_ path: String) throws -> String {
        try String(contentsOf: url.appending(path: path), encoding: .utf8)
    }

    /// Every file below, by its path, with what it holds.
    func contents() throws -> [String: String] {
        var contents: [String: String] = [:]
        let root = url.path(percentEncoded: false)
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder) else { continue }
            contents[path] = isFolder.boolValue ? "folder" : try read(path)
        }
        return contents
    }
}
