import CShims
import Glibc

/// Runs a program that ends soon, and gathers what it prints.
package enum ChildProcess {
    package struct Result: Sendable {
        /// How it ended.
        package enum End: Equatable, Sendable {
            case exited(Int32)
            case signalled(Int32)
            case tookTooLong
            case saidTooMuch
        }

        package var end: End
        package var output: [UInt8]
        package var errors: String
    }

    /// Why a program could not be started.
    package struct StartFailure: Error, Hashable {
        /// The system's word for it.
        package let reason: String

        init(_ code: Int32 = errno) {
            reason = String(cString: strerror(code))
        }
    }

    /// Runs a program to its end, or kills it when it takes too long.
    ///
    /// - Parameters:
    ///   - path: The program.
    ///   - arguments: What follows the program's name.
    ///   - milliseconds: How long it may take.
    ///   - outputLimit: The most bytes it may print to either stream; more ends it.
    ///   - input: What it reads from its standard input; no more than a pipe holds (64 KiB).
    ///   - environment: Its variables; nothing for this process' own.
    ///   - gathersErrors: Whether its standard error is gathered; it is this process' own otherwise.
    /// - Returns: How it ended and what it printed.
    /// - Throws: ``StartFailure``.
    package static func run(
        _ path: String,
        _ arguments: [String],
        milliseconds: Int,
        outputLimit: Int = 1 << 20,
        input: [UInt8] = [],
        environment: [String: String]? = nil,
        gathersErrors: Bool = true
    ) throws(StartFailure) -> Result {
        let standardInput = try Self.inputEnd(holding: input)
        defer { close(standardInput) }
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        guard shopfn_pipe(&output) == 0 else { throw StartFailure() }
        defer { close(output[0]) }
        guard shopfn_pipe(&errors) == 0 else {
            let failure = StartFailure()
            close(output[1])
            throw failure
        }
        defer { close(errors[0]) }
        let spawned = spawn(
            path,
            arguments,
            environment,
            input: standardInput,
            output: output[1],
            errors: gathersErrors ? errors[1] : STDERR_FILENO
        )
        close(output[1])
        close(errors[1])
        guard case .success(let child) = spawned else {
            if case .failure(let failure) = spawned { throw failure }
            throw StartFailure(EINVAL)
        }
        var gathered: [Int32: [UInt8]] = [output[0]: [], errors[0]: []]
        let deadline = now() + milliseconds
        let cut = gather(&gathered, until: deadline, limit: outputLimit)
        let end = wait(for: child, until: cut == nil ? deadline : 0)
        return Result(
            end: cut ?? end,
            output: gathered[output[0]] ?? [],
            errors: String(decoding: gathered[errors[0]] ?? [], as: UTF8.self)
        )
    }

    /// What a child reads its input from: nothing, or a pipe that is filled already.
    private static func inputEnd(holding input: [UInt8]) throws(StartFailure) -> Int32 {
        guard !input.isEmpty else {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw StartFailure() }
            return descriptor
        }
        var ends: [Int32] = [-1, -1]
        guard shopfn_pipe(&ends) == 0 else { throw StartFailure() }
        // A pipe that has room for all of it takes it at once, and nobody waits for the other.
        guard input.count <= 65_536, Glibc.write(ends[1], input, input.count) == input.count else {
            close(ends[0])
            close(ends[1])
            throw StartFailure(E2BIG)
        }
        close(ends[1])
        return ends[0]
    }

    /// Waits until the child has ended; kills it at the deadline.
    private static func wait(for child: pid_t, until deadline: Int) -> Result.End {
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { break }
            if now() >= deadline {
                kill(child, SIGKILL)
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                return .tookTooLong
            }
            // It has closed its output, so it is about to end: a look every millisecond is enough.
            poll(nil, 0, 1)
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }

    private static func spawn(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String]?,
        input: Int32,
        output: Int32,
        errors: Int32
    ) -> Swift.Result<pid_t, StartFailure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        if errors != STDERR_FILENO { posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO) }
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? [:]).map { strdup("\($0)=\($1)") } + [nil]
        defer { for variable in variables { free(variable) } }
        var child: pid_t = 0
        let code =
            environment == nil
            ? posix_spawn(&child, path, &actions, nil, &argv, environ)
            : posix_spawn(&child, path, &actions, nil, &argv, &variables)
        return code == 0 ? .success(child) : .failure(StartFailure(code))
    }

    /// Reads both streams until they end; says so when time or room runs out first.
    private static func gather(_ streams: inout [Int32: [UInt8]], until deadline: Int, limit: Int) -> Result.End? {
        var open = Set(streams.keys)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !open.isEmpty {
            var polls = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let left = deadline - now()
            guard left > 0 else { return .tookTooLong }
            guard poll(&polls, nfds_t(polls.count), Int32(left)) >= 0 || errno == EINTR else {
                return .tookTooLong
            }
            for entry in polls where entry.revents != 0 {
                let count = Glibc.read(entry.fd, &chunk, chunk.count)
                if count <= 0 {
                    open.remove(entry.fd)
                } else {
                    streams[entry.fd, default: []] += chunk[..<count]
                    if streams[entry.fd, default: []].count > limit { return .saidTooMuch }
                }
            }
        }
        return nil
    }

    /// Milliseconds of a clock that only goes forward.
    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
