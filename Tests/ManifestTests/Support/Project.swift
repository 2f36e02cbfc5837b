import Foundation

/// The project's files that tests look at.
enum Project {
    /// The folder that holds Package.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The schema as a tree of dictionaries and arrays.
    static func schema() throws -> [String: Any] {
        let data = try Data(contentsOf: root.appending(path: "functions.schema.json"))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// A Python that has the jsonschema package; nothing where there is none.
    static let pythonWithJSONSchema: URL? = {
        let candidates = [root.appending(path: ".tools/venv/bin/python3"), URL(filePath: "/usr/bin/python3")]
        let onPath = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(filePath: String($0)).appending(path: "python3") }
        return (candidates + onPath).first { python in
            guard FileManager.default.isExecutableFile(atPath: python.path(percentEncoded: false)) else { return false }
            return (try? run(python, ["-c", "import jsonschema"]))?.status == 0
        }
    }()

    /// Runs a program to its end and gives what it printed.
    static func run(_ program: URL, _ arguments: [String], input: String = "") throws -> (status: Int32, output: String)
    {
        let process = Process()
        let output = Pipe()
        let inputPipe = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = inputPipe
        try process.run()
        try inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try inputPipe.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
