package import Foundation

/// Python, where a test asks another implementation.
package enum Python {
    /// A Python that has a module; nothing where there is none.
    package static func having(_ module: String) -> URL? {
        // The folder that holds Package.swift.
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let candidates = [root.appending(path: ".tools/venv/bin/python3"), URL(filePath: "/usr/bin/python3")]
        let onPath = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(filePath: String($0)).appending(path: "python3") }
        return (candidates + onPath).first { python in
            guard FileManager.default.isExecutableFile(atPath: python.path(percentEncoded: false)) else { return false }
            return (try? run(python, ["-c", "import \(module)"]))?.status == 0
        }
    }

    /// Runs a program to its end and gives what it printed.
    package static func run(
        _ program: URL,
        _ arguments: [String],
        input: String = ""
    ) throws -> (status: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory
        let file = folder.appending(path: "python-input-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        // A file, for a pipe would have to be filled while the output is read.
        process.standardInput = try FileHandle(forReadingFrom: file)
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
