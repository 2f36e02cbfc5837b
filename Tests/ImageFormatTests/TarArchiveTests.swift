import Foundation
import ImageFormat
import Testing

@Suite struct TarArchiveTests {
    /// The archive as the system's own tar lists or unpacks it.
    private func tar(_ archive: TarArchive, _ arguments: [String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(archive.serialized()).write(to: folder.appending(path: "a.tar"))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["tar", "--utc", "-f", "a.tar"] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return text
    }

    private var archive: TarArchive {
        var archive = TarArchive()
        archive["/usr/bin/b"] = .file(Array("hello".utf8), mode: 0o755)
        archive["usr/./bin/a"] = .file([], mode: 0o644)
        archive["tmp"] = .folder(mode: 0o1777)
        archive["bin"] = .link("usr/bin")
        return archive
    }

    @Test func theSystemsTarReadsIt() throws {
        let lines = try tar(archive, ["-tv"]).split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true)
        }
        #expect(lines.map { $0[5] } == ["bin", "tmp/", "usr/", "usr/bin/", "usr/bin/a", "usr/bin/b"])
        #expect(
            lines.map { $0[0] } == ["lrwxrwxrwx", "drwxrwxrwt", "drwxr-xr-x", "drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"]
        )
        #expect(lines.allSatisfy { $0[1] == "0/0" && $0[3] == "1970-01-01" && $0[4] == "00:00" })
        #expect(try tar(archive, ["-xO", "usr/bin/b"]) == "hello")
    }

    @Test func theOrderOfPuttingInDoesNotShow() throws {
        var other = TarArchive()
        for path in archive.paths.reversed() { other[path] = archive[path] }
        #expect(try other.serialized() == archive.serialized())
        #expect(try archive.serialized().count % 10_240 == 0)
    }

    @Test func longPathsAreCutAtASlash() throws {
        var long = TarArchive()
        let path = String(repeating: "folder/", count: 20) + "file"
        long[path] = .file([1, 2, 3], mode: 0o644)
        #expect(try tar(long, ["-t"]).contains(path))
        var tooLong = TarArchive()
        tooLong[String(repeating: "x", count: 120)] = .file([], mode: 0o644)
        #expect(throws: TarError.self) { try tooLong.serialized() }
    }
}
