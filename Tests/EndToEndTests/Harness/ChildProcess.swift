import Glibc

/// A process started by a test; it never outlives it.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum End: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    let pid: pid_t
    private let output: CInt
    private let errors: CInt

    /// Starts a program in a working folder, its standard input a file.
    ///
    /// Of the tests' own environment only what changes nothing about `shopfn` is passed on.
    init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        folder: String? = nil,
        input: String? = nil
    ) throws {
        output = try Self.unnamedFile()
        errors = try Self.unnamedFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The test runner may have blocked or ignored what the program waits for.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        // `env` takes up the folder and then is the program.
        let command = (folder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [program] + arguments
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let variables = Self.inherited.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var pointers: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for pointer in words + pointers { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &words, &pointers)
        guard code == 0 else { throw TestFailure("\(program): \(String(cString: strerror(code)))") }
        self.pid = pid
    }

    deinit {
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == 0 {
            kill(pid, SIGKILL)
            waitpid(pid, &status, 0)
        }
        close(output)
        close(errors)
    }

    /// What it has written to standard output so far.
    var text: String { Self.text(output) }
    /// What it has written to standard error so far.
    var errorText: String { Self.text(errors) }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits until it has ended.
    func end(within bound: Duration) throws -> End {
        var status: Int32 = 0
        try eventually("process \(pid) ends", within: bound, state: errorText) {
            waitpid(pid, &status, WNOHANG) == pid
        }
        let signal = status & 0x7F
        return signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
    }

    /// Whether it still runs; a process that has ended is not reaped by the question.
    var isRunning: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
    }

    private static let inherited: [String: String] = {
        var variables: [String: String] = [:]
        for name in ["PATH", "HOME", "LANG", "SHOPFN_VALKEY_SERVER"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }()

    private static func unnamedFile() throws -> CInt {
        let name = "/tmp/shopfn-e2e-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let named = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0o600)
        guard named >= 0 else { throw TestFailure("open \(name): \(systemError())") }
        unlink(name)
        return named
    }

    private static func text(_ descriptor: CInt) -> String {
        let size = lseek(descriptor, 0, SEEK_END)
        guard size > 0 else { return "" }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
