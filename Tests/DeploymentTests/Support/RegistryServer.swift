import Foundation
import HTTPTransfer
import LoopbackTestSupport
import Testing

/// A real registry (Debian's `docker-registry`) on loopback, with storage of its own.
final class RegistryServer: Sendable {
    let port: Int
    private let scratch: Scratch
    private let process: HeldProcess

    static let program = Program.find("docker-registry")
    static let missing: Comment = "docker-registry is not installed: apt install docker-registry"

    /// `settings`: Further lines of its configuration, such as `auth:`.
    init(settings: String = "") async throws {
        let program = try #require(Self.program)
        let scratch = try Scratch()
        let port = try freePort()
        let file = try scratch.write(
            "registry.yml",
            """
            version: 0.1
            log: {level: debug}
            storage: {filesystem: {rootdirectory: \(scratch.path("storage"))}}
            http: {addr: "127.0.0.1:\(port)"}
            \(settings)
            """
        )
        process = try HeldProcess(program, ["serve", file], log: scratch.path("log"))
        self.scratch = scratch
        self.port = port
        let client = HTTPClient()
        try await eventually("the registry does not start") {
            (try? await client.execute(HTTPClientRequest(url: "http://127.0.0.1:\(port)/v2/"))) != nil
        }
        await client.close()
    }

    var host: String { "127.0.0.1:\(port)" }

    /// What it has logged.
    func log() throws -> String { try String(contentsOfFile: scratch.path("log"), encoding: .utf8) }
}

/// One of the servers of `servers.py`.
final class HelperServer: Sendable {
    let port: Int
    private let process: Process
    private let input: Pipe

    init(_ arguments: [String]) throws {
        let script = try #require(Bundle.module.path(forResource: "servers", ofType: "py"))
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.filter(\.isNumber)), "servers.py did not start")
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
