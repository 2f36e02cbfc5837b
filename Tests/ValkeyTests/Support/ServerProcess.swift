import Foundation
import Testing
import Valkey

/// A real server of a test's own: its own directory, its own socket, gone with the test.
final class ServerProcess: Sendable {
    let directory: String
    let socket: String
    private let arguments: [String]
    private let executable: String
    private let process = Box<Process?>(nil)

    /// What can run the tests: what SHOPFN_VALKEY_SERVER names, else `valkey-server` and `redis-server` on the path.
    static let executables: [String] = {
        let environment = ProcessInfo.processInfo.environment
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let found = ["valkey-server", "redis-server"].flatMap { name in folders.map { "\($0)/\(name)" } }
        return [environment["SHOPFN_VALKEY_SERVER"]].compactMap(\.self)
            + found.filter { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    static let missing: Comment = "there is no valkey-server or redis-server on the PATH, and no SHOPFN_VALKEY_SERVER"

    init(_ options: [String] = [], executable: String? = nil) throws {
        self.executable = try #require(executable ?? Self.executables.first)
        directory = NSTemporaryDirectory() + "valkey-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        socket = directory + "/socket"
        arguments =
            [
                "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", directory,
                "--enable-debug-command", "yes", "--logfile", directory + "/log",
            ] + options
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    var url: ValkeyURL { ValkeyURL(endpoint: .unix(path: socket)) }

    func start() throws {
        let started = Process()
        started.executableURL = URL(fileURLWithPath: executable)
        started.arguments = arguments
        started.standardOutput = FileHandle.nullDevice
        started.standardError = FileHandle.nullDevice
        try started.run()
        process.set(started)
    }

    /// Ends the server without any notice, as a crash does.
    func kill() {
        guard let running = process.take() else { return }
        Foundation.kill(running.processIdentifier, SIGKILL)
        running.waitUntilExit()
    }

    var log: String { (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? "" }
}

/// Runs a test with a server and a client of it.
func withServer(
    _ options: [String] = [],
    configuration: ValkeyConfiguration = ValkeyConfiguration(connectionPatience: .seconds(10)),
    url: ValkeyURL? = nil,
    _ body: (ValkeyClient, ServerProcess) async throws -> Void
) async throws {
    let server = try ServerProcess(options)
    try server.start()
    defer { server.kill() }
    let client = ValkeyClient(url: url ?? server.url, configuration: configuration)
    do {
        try await body(client, server)
    } catch {
        await client.close()
        throw error
    }
    await client.close()
}
