import Foundation
import JSON
import Testing

/// Programs the tests run.
enum Program {
    /// The folder of the executables, which a build of the tests puts beside them.
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .path(percentEncoded: false)

    struct Result {
        var status: Int32
        var output: String
        var errors: String

        func json() throws -> JSONValue { try JSONValue(parsing: output) }
    }

    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end, its output going through files so that no pipe can fill.
    static func run(
        _ path: String,
        _ arguments: [String],
        in folder: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Result {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        var all = ProcessInfo.processInfo.environment
        for name in ["KUBECONFIG", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"] { all[name] = nil }
        process.environment = all.merging(environment) { $1 }
        for name in ["out", "err"] { _ = FileManager.default.createFile(atPath: scratch.path(name), contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: scratch.path("out")))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: scratch.path("err")))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return Result(
            status: process.terminationStatus,
            output: try String(contentsOfFile: scratch.path("out"), encoding: .utf8),
            errors: try String(contentsOfFile: scratch.path("err"), encoding: .utf8)
        )
    }

    /// Runs the built `shopfn`.
    static func shopfn(
        _ arguments: [String],
        in folder: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Result {
        try await run("\(Self.folder)shopfn", arguments, in: folder, environment: environment)
    }
}

/// A folder of a test's own, removed with it.
final class Scratch: Sendable {
    let folder: String

    init() throws {
        folder =
            FileManager.default.temporaryDirectory.path(percentEncoded: false)
            + "/deploy-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let path = path(name)
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}

/// A process that lives as long as the test that started it.
final class HeldProcess: Sendable {
    private let identifier: Int32

    init(_ path: String, _ arguments: [String], log: String? = nil) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        var output = FileHandle.nullDevice
        if let log {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            output = try FileHandle(forWritingTo: URL(filePath: log))
        }
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        identifier = process.processIdentifier
    }

    deinit { kill(identifier, SIGKILL) }
}

/// Waits until something holds, for a minute at most.
func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < end, what)
        try await Task.sleep(for: .milliseconds(20))
    }
}
