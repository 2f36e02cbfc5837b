import Foundation
import Synchronization

/// A program that ends with the process that started it, however that ends.
final class HeldProcess: Sendable {
    private struct State: Sendable {
        // Held open for as long as the program is to run: a shell reads its other end and kills the program at its end.
        var line: FileHandle?
        var process: Process?
    }

    private let state = Mutex(State())
    let log: String

    /// Starts a program whose output goes to the file `log`; the folder `removing` goes with it.
    init(_ path: String, _ arguments: [String], log: String, removing: String? = nil) throws {
        self.log = log
        if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try output.seekToEnd()
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        // An hour is more than any test takes; whatever happens, nothing stays for longer.
        let script = """
            "$@" </dev/null & held=$!
            end() {
                trap - TERM EXIT
                kill -TERM $held 2>/dev/null
                for _ in {1..50}; do kill -0 $held 2>/dev/null || break; sleep 0.1; done
                kill -KILL $held 2>/dev/null
                wait $held 2>/dev/null
                [ -z "$REMOVING" ] || rm -rf "$REMOVING"
                exit 0
            }
            trap end TERM EXIT
            read -r -t 3600 _
            """
        process.arguments = ["-c", script, "held", path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["REMOVING": removing ?? ""]) { $1 }
        process.standardInput = pipe
        process.standardOutput = output
        process.standardError = output
        try process.run()
        state.withLock {
            $0.line = pipe.fileHandleForWriting
            $0.process = process
        }
    }

    /// Ends the program and waits until it has ended.
    func stop() {
        let process = state.withLock { state in
            try? state.line?.close()
            state.line = nil
            return state.process.take()
        }
        process?.waitUntilExit()
    }

    /// The end of what it printed.
    var lastWords: String {
        let data = FileManager.default.contents(atPath: log) ?? Data()
        return String(decoding: data.suffix(2_000), as: UTF8.self)
    }
}

/// Ports of loopback that nobody listens on at the moment.
func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        sockets.append(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw TestClusterError(description: "no free port on loopback") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
