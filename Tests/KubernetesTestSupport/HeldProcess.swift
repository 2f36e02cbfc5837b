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
