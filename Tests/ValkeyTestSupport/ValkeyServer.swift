import Foundation
import Synchronization
internal import Valkey

/// A Valkey of a test's own, on a Unix socket, that ends with the test.
///
/// `SHOPFN_VALKEY_SERVER` names the executable; without it `valkey-server` and then `redis-server` are looked for.
package final class ValkeyServer: Sendable {
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
    /// - Throws: ``ServerFailure`` when it does not start.
    package init(isDurable: Bool = false, arguments: [String] = []) async throws {
        executable = try ServerExecutable.find()
        folder = try ServerExecutable.makeFolder()
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
        let process = try ServerExecutable.run(executable, arguments)
        self.process.withLock { $0 = process }
        let client = try ValkeyClient(url)
        let end = ContinuousClock.now + .seconds(60)
        while (try? await client.ping()) == nil {
            guard process.isRunning, ContinuousClock.now < end else {
                throw ServerFailure(description: "\(executable) did not start in \(folder.path)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        await client.close()
    }

    /// Kills the server as a crash does.
    package func crash() {
        process.withLock { process in
            if let running = process.take() { ValkeyTestSupport.crash(running) }
        }
    }
}
