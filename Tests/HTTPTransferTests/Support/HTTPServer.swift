import Foundation
import HTTPTransfer
import Testing

/// A real HTTP server in a process of its own; ends with the test.
final class HTTPServer: Sendable {
    let port: Int
    private let process: Process
    private let input: Pipe

    static let isAvailable = (try? run("python3", ["--version"])) != nil
    static let missing: Comment = "there is no python3 to run the test server"

    init(certificates: Certificates? = nil, asksForCertificate: Bool = false) throws {
        let script = try #require(Bundle.module.path(forResource: "server", ofType: "py"))
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", script] + [certificates?.directory].compactMap(\.self)
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

/// An authority, a server's certificate for `localhost`, and a client's, made by openssl.
struct Certificates {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "http-tls-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        try openssl("req -x509 \(key) -days 2 -subj /CN=ca -keyout ca.key -out ca.pem")
        for (name, subject) in [("server", "DNS:localhost"), ("client", "DNS:client")] {
            try openssl("req \(key) -subj /CN=\(name) -keyout \(name).key -out \(name).csr")
            try "subjectAltName=\(subject)".write(toFile: directory + "/ext", atomically: true, encoding: .utf8)
            try openssl("x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -days 2 -extfile ext -out \(name).pem")
        }
    }

    func file(_ name: String) -> String { directory + "/" + name }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    private func openssl(_ arguments: String) throws {
        try run("openssl", arguments.split(separator: " ").map(String.init), in: directory)
    }
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
    let end = ContinuousClock.now + .seconds(20)
    while try await !condition() {
        guard .now < end else { throw TooLate() }
        try await Task.sleep(for: .milliseconds(2))
    }
}
