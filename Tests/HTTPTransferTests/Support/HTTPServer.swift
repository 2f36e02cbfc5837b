import Foundation
import HTTPTransfer
import LoopbackTestSupport
import Testing

/// A real HTTP server in a process of its own; ends with the test.
final class HTTPServer: Sendable {
    let port: Int
    private let process: Process
    private let input: Pipe

    static let isAvailable = (try? run("python3", ["--version"])) != nil
    static let missing: Comment = "there is no python3 to run the test server"

    init(certificates: TestAuthority? = nil, asksForCertificate: Bool = false) throws {
        let script = try #require(Bundle.module.path(forResource: "server", ofType: "py"))
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", script] + [certificates?.folder].compactMap(\.self)
            + (asksForCertificate ? ["ask"] : [])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.filter(\.isNumber)), "the test server did not start")
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
}

/// Runs a program to its end.
@discardableResult
func run(_ name: String, _ arguments: [String], in directory: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(name) \(arguments) failed")
    return process.terminationStatus
}

/// Runs a test with a server and a client of it.
func withServer(
    _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(usesProxies: false),
    _ body: (HTTPClient, HTTPServer) async throws -> Void
) async throws {
    let server = try HTTPServer()
    let client = HTTPClient(configuration: configuration)
    do {
        try await body(client, server)
    } catch {
        await client.close()
        throw error
    }
    await client.close()
}

private struct TooLate: Error {}

/// Waits for a condition, for a bounded time.
func waitUntil(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(90)
    while try await !condition() {
        guard .now < end else { throw TooLate() }
        try await Task.sleep(for: .milliseconds(2))
    }
}
