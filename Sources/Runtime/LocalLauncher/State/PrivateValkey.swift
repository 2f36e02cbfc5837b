import CShims
import Glibc
package import Logging
package import NIOCore
import ServiceLifecycle
import Synchronization
import Valkey

/// A Valkey server of one's own for a development run, on a Unix socket, its data in a folder that stays.
package final class PrivateValkey: Sendable {
    /// Why there is no server.
    package enum Failure: Error, CustomStringConvertible {
        case noProgram
        case folder(String, reason: String)
        case notStarted(program: String, reason: String)
        case notReady(log: String, lastLine: String)
        case diskFull(folder: String)

        package var description: String {
            switch self {
            case .noProgram:
                "there is no Valkey server on this machine (looked for valkey-server and redis-server)"
            case .folder(let path, let reason): "the folder \(path) for its data can not be made: \(reason)"
            case .notStarted(let program, let reason): "\(program) can not be started: \(reason)"
            case .notReady(let log, let lastLine): "it does not answer; its log \(log) ends with: \(lastLine)"
            case .diskFull(let folder): "no space is left on the disk of \(folder), where its data is"
            }
        }

        /// What to do about it, in the words of the commands that start one.
        package var fix: String {
            switch self {
            case .noProgram: "install valkey-server ('make serve' does), or name one with --valkey URL"
            case .folder: "choose another folder with --state, or name a server with --valkey URL"
            case .notStarted, .notReady: "mend what it says, or name a server with --valkey URL"
            case .diskFull: "make room, or choose a folder on another disk with --state"
            }
        }
    }

    /// Where functions reach it.
    package var url: String { "unix://\(socket)" }
    /// Where its data and its log are.
    package let folder: String

    private let program: String
    private let socket: String
    private let loop: any EventLoop
    private let logger: Logger
    private let process = Mutex<pid_t?>(nil)

    /// A server whose data is in `folder`, an absolute path that is made if it is missing.
    ///
    /// The process is made by the thread of `loop` and ends with it. Its program is looked for in the folders of `PATH`
    /// and of `search`.
    ///
    /// - Throws: `Failure.noProgram`.
    package init(folder: String, loop: any EventLoop, search: [String], logger: Logger) throws {
        guard let program = Self.program(search) else { throw Failure.noProgram }
        self.program = program
        self.folder = folder
        self.loop = loop
        self.logger = logger
        let inFolder = folder + "/valkey.sock"
        // A socket's path has room for 107 bytes.
        socket = inFolder.utf8.count <= 107 ? inFolder : "/tmp/shopfn-valkey-\(getuid())-\(getpid()).sock"
    }

    /// Starts the server and waits until it answers; one that runs on the folder already is taken as it is.
    package func start() async throws {
        try makeFolder()
        if await answers(within: .milliseconds(200)) { return }
        try await launch()
        guard await answers(within: .seconds(10)) else {
            if Self.isFull(folder) { throw Failure.diskFull(folder: folder) }
            let log = folder + "/valkey.log"
            throw Failure.notReady(log: log, lastLine: Self.lastLine(of: log))
        }
        await spareLatencyTracking()
    }

    /// Has the server keep no histogram of every command's time, which nobody here reads.
    ///
    /// Not an option of the command line: servers that do not know it would not start.
    private func spareLatencyTracking() async {
        guard let client = try? ValkeyClient(url) else { return }
        _ = try? await client.send(ValkeyCommand("CONFIG", "SET", "latency-tracking", "no"))
        await client.close()
    }

    /// Starts it anew whenever it ends, until a graceful shutdown or cancellation; then ends it.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Sleeping is cut short by the cancellation that ends the loop.
                try? await Task.sleep(for: .milliseconds(500))
                guard !Task.isCancelled, self.hasEnded() else { continue }
                self.logger.warning("the private Valkey ended; it is started again")
                try await self.launch()
            }
        }
        await stop()
    }

    /// Ends the server, its data saved; one that was there before is left alone.
    package func stop() async {
        guard let child = process.withLock({ $0 }) else { return }
        // Asked by command it ends at once; a signal it only looks at ten times a second.
        if let client = try? ValkeyClient(url) {
            _ = try? await client.send(ValkeyCommand("SHUTDOWN"), timeout: .seconds(2))
            await client.close()
        }
        if await ends(within: .milliseconds(500)) { return }
        kill(child, SIGTERM)
        if await ends(within: .seconds(5)) { return }
        kill(child, SIGKILL)
        var status: Int32 = 0
        waitpid(child, &status, 0)
    }

    private func ends(within bound: Duration) async -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + bound
        while clock.now < end {
            if hasEnded() { return true }
            // A cancelled sleep returns at once, which makes this loop busier but no longer.
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    private func makeFolder() throws {
        var path = ""
        for part in folder.split(separator: "/") {
            path += "/" + part
            guard mkdir(path, 0o700) != 0, errno != EEXIST else { continue }
            throw Failure.folder(path, reason: String(cString: strerror(errno)))
        }
    }

    private func launch() async throws {
        let arguments = [
            program, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", folder,
            "--appendonly", "yes", "--save", "", "--daemonize", "no", "--logfile", folder + "/valkey.log",
        ]
        let program = program
        // The child is tied to the thread that makes it, and an event loop's thread stays.
        let child = try await loop.submit {
            var options = shopfn_spawn_options(descriptor3: -1, output: -1, parent_death_signal: SIGTERM)
            var child: pid_t = 0
            let error = withStrings(arguments) { shopfn_spawn(program, $0, environ, &options, &child) }
            guard error == 0 else {
                throw Failure.notStarted(program: program, reason: String(cString: strerror(error)))
            }
            return child
        }.get()
        process.withLock { $0 = child }
    }

    /// Whether the process this one made is gone; it is reaped then.
    private func hasEnded() -> Bool {
        process.withLock { process in
            guard let child = process else { return false }
            var status: Int32 = 0
            guard waitpid(child, &status, WNOHANG) == child else { return false }
            process = nil
            return true
        }
    }

    private func answers(within bound: Duration) async -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + bound
        guard let client = try? ValkeyClient(url) else { return false }
        var isThere = false
        while !isThere, clock.now < end, !hasEnded() {
            if access(socket, F_OK) == 0 { isThere = (try? await client.ping()) != nil }
            if !isThere { try? await Task.sleep(for: .milliseconds(5)) }
        }
        await client.close()
        return isThere
    }

    /// Whether the disk of a folder has less room than the server needs to begin with.
    private static func isFull(_ folder: String) -> Bool {
        var status = statvfs()
        return statvfs(folder, &status) == 0 && UInt64(status.f_bavail) * UInt64(status.f_frsize) < 64 << 10
    }

    private static func lastLine(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "(it can not be read)" }
        defer { Glibc.close(descriptor) }
        lseek(descriptor, max(0, lseek(descriptor, 0, SEEK_END) - 4_096), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        let lines = bytes[..<max(0, count)].split(separator: UInt8(ascii: "\n"))
        return lines.last.map { String(decoding: $0, as: UTF8.self) } ?? "(it is empty)"
    }

    /// The server's program: in the folders of `PATH` and of `search`; `nil` where none has one.
    package static func program(_ search: [String]) -> String? {
        if let chosen = getenv("SHOPFN_VALKEY_SERVER") { return String(cString: chosen) }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init)
        let candidates =
            folders.map { $0 + "/valkey-server" } + search.map { $0 + "/valkey-server" }
            + folders.map { $0 + "/redis-server" }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
