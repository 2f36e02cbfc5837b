import Foundation
import ImageFormat
import Testing

@Suite struct ELFTests {
    private static let shell = (try? Data(contentsOf: URL(filePath: "/bin/sh"))).map(Array.init) ?? []

    @Test func theShellNamesItsLoaderAndItsLibraries() throws {
        let file = try ELFFile(Self.shell)
        #expect(file.interpreter?.contains("ld-linux") == true)
        #expect(file.needed.contains { $0.hasPrefix("libc.so") })
        let stripped = try ELFFile(file.stripped)
        #expect(stripped.needed == file.needed)
        #expect(file.stripped.count <= Self.shell.count)
    }

    @Test func aStrippedExecutableRuns() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "sh-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(ELFFile(Self.shell).stripped).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        let process = Process()
        process.executableURL = file
        process.arguments = ["-c", "exit 7"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 7)
    }

    @Test func whatIsNoSuchFileIsRefused() {
        #expect(throws: ELFError.notELF) { try ELFFile(Array("#!/bin/sh\n".utf8)) }
        #expect(throws: ELFError.notELF) { try ELFFile([]) }
        var narrow = Self.shell
        narrow[4] = 1
        #expect(throws: ELFError.self) { try ELFFile(narrow) }
    }

    /// Whatever is done to a file, it is read or refused; nothing reads beyond its end.
    @Test func damagedFilesAreReadOrRefused() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let head = min(4_096, Self.shell.count)
        for _ in 0..<2_000 {
            var bytes = random(3) == 0 ? Array(Self.shell.prefix(random(Self.shell.count))) : Self.shell
            for _ in 0...random(6) where !bytes.isEmpty { bytes[random(min(head, bytes.count))] = UInt8(random(256)) }
            if let file = try? ELFFile(bytes) { #expect(file.stripped.count <= bytes.count) }
        }
    }

    @Test func theClosureHoldsWhatTheLoaderWouldLoad() throws {
        let folders = [
            "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib",
        ]
        let closure = try LibraryClosure(of: ELFFile(Self.shell)) { name, _, _ in
            for folder in folders {
                let path = "\(folder)/\(name)"
                if let data = FileManager.default.contents(atPath: path) {
                    return LibraryClosure.Library(name: name, path: path, bytes: Array(data))
                }
            }
            return nil
        }
        #expect(closure.libraries.contains { $0.name.hasPrefix("libc.so") && $0.isOfLibc })
        #expect(closure.loader?.path.contains("ld-linux") == true)
        #expect(!closure.libraries.contains { $0.name.contains("ld-linux") })
    }

    @Test func everyMissingLibraryIsNamedWithItsAsker() throws {
        let error = #expect(throws: ClosureError.self) {
            try LibraryClosure(of: ELFFile(Self.shell)) { _, _, _ in nil }
        }
        #expect(error?.description.contains("which the executable needs, is not on this machine") == true)
        #expect(error?.missing.count == (try ELFFile(Self.shell).needed.count) + 1)
    }
}
