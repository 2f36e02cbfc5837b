import Foundation
import Synchronization
internal import Valkey

/// A Valkey of a test's own, on a Unix socket, that ends with the test.
///
/// `SHOPFN_VALKEY_SERVER` names the executable; without it `valkey-server` and then `redis-server` are looked for.
package final class ValkeyServer: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    private let folder: URL
    private let executable: String
    private let arguments: [String]
    private let process = Mutex<Process?>(nil)

    /// The URL of the server.
    package var url: String { "unix://\(folder.path)/s" }

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - isDurable: Whether every write is on disk before it is answered.
    ///   - arguments: Further arguments of the server.
    /// - Throws: ``Failed`` when it does not start.
    package init(isDurable: Bool = false, arguments: [String] = []) async throws {
        executable = try Self.findExecutable()
        folder = URL(fileURLWithPath: "/tmp/shop-test-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let durability = isDurable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]
        self.arguments =
            ["--port", "0", "--unixsocket", "\(folder.path)/s", "--dir", folder.path, "--save", ""]
            + durability + arguments
        try await start()
    }

    deinit {
        crash()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts the server again, with what it kept.
    package func start() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        let client = try ValkeyClient(url)
        let end = ContinuousClock.now + .seconds(20)
        while (try? await client.ping()) == nil {
            guard process.isRunning, ContinuousClock.now < end else {
                throw Failed(description: "\(executable) did not start in \(folder.path)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        await client.close()
    }

    /// Kills the server as a crash does.
    package func crash() {
        process.withLock { process in
            guard let running = process else { return }
            kill(running.processIdentifier, SIGKILL)
            running.waitUntilExit()
            process = nil
        }
    }

    private static func findExecutable() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["SHOPFN_VALKEY_SERVER"], !named.isEmpty { return named }
        for name in ["valkey-server", "redis-server"] {
            for folder in (environment["PATH"] ?? "/usr/bin").split(separator: ":") {
                let path = "\(folder)/\(name)"
                if FileManager.default.isExecutableFile(atPath: path) { return path }
            }
        }
        throw Failed(description: "neither valkey-server nor redis-server is on PATH; set SHOPFN_VALKEY_SERVER")
    }
}
