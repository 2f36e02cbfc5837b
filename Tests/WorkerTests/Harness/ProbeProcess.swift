import Glibc

/// A process of the probe module, started by a test and ended with it.
final class ProbeProcess: Sendable {
    let pid: pid_t
    /// What it writes to standard output and standard error.
    private let output: CInt

    /// How a process ended.
    enum End: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts the probe; each of `inherit` becomes the descriptor number it is given.
    init(
        _ arguments: [String],
        inherit: [(descriptor: CInt, number: CInt)] = [],
        environment: [String] = []
    ) throws {
        let probe = try Self.executable
        let name = "/tmp/shopfn-probe-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        output = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0o600)
        guard output >= 0 else { throw Failed(description: "open \(name): \(errno)") }
        unlink(name)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        for (descriptor, number) in inherit { posix_spawn_file_actions_adddup2(&actions, descriptor, number) }

        var words: [UnsafeMutablePointer<CChar>?] = ([probe] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (["PATH=/usr/bin:/bin"] + environment).map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, probe, &actions, nil, &words, &variables)
        guard code == 0 else { throw Failed(description: "\(probe): \(String(cString: strerror(code)))") }
        self.pid = pid
    }

    deinit {
        // A process that a test did not wait for must not outlive it.
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == 0 {
            kill(pid, SIGKILL)
            waitpid(pid, &status, 0)
        }
        close(output)
    }

    /// The probe is built into the same folder as the tests.
    private static var executable: String {
        get throws {
            var candidates = CommandLine.arguments.filter { $0.contains(".xctest") }
            var path = [CChar](repeating: 0, count: 4_096)
            let count = readlink("/proc/self/exe", &path, path.count)
            if count > 0 {
                candidates.append(String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            for candidate in candidates {
                guard let slash = candidate.lastIndex(of: "/") else { continue }
                let probe = candidate[..<slash] + "/probe"
                if access(String(probe), X_OK) == 0 { return String(probe) }
            }
            throw Failed(description: "no executable 'probe' beside \(candidates); build the whole package first")
        }
    }

    /// Waits until it has ended.
    func end(within seconds: Double = 60) throws -> End {
        var status: Int32 = 0
        try eventually("process \(pid) ends", within: seconds) { waitpid(pid, &status, WNOHANG) == pid }
        let signal = status & 0x7F
        return signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
    }

    /// What it has written so far.
    var text: String {
        let size = lseek(output, 0, SEEK_END)
        guard size > 0 else { return "" }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            count = max(0, pread(output, buffer.baseAddress, buffer.count, 0))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Waits for a condition, looking again and again; bounded.
func eventually(_ what: String, within seconds: Double = 60, _ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < end else {
            throw ProbeProcess.Failed(description: "not within \(seconds) s: \(what)")
        }
        usleep(500)
    }
}

/// The text of a file under `/proc`, or nil when the process is gone.
func procFile(_ pid: pid_t, _ name: String) -> String? {
    let descriptor = open("/proc/\(pid)/\(name)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self)
}
