import Glibc
package import Logging
import NIOPosix
import ServiceLifecycle
import Time

/// Writes each minute's demand to a file, to be replayed with `shopfn simulate --from`.
///
/// The file is opened anew for every minute, so that it can be moved away meanwhile. What can not be written waits, up
/// to ``mostPending`` bytes, and is written once that is possible again.
package final class DemandRecorder: Sendable {
    /// Why a file can not be the log.
    package enum Failure: Error, CustomStringConvertible {
        case notOpened(String, reason: String)
        case anotherFile(String)

        package var description: String {
            switch self {
            case .notOpened(let path, let reason): "\(path) can not be written: \(reason)"
            case .anotherFile(let path): "\(path) exists and is no demand log"
            }
        }
    }

    static let mostPending = 4 << 20

    private let path: String
    private let gateway: Gateway
    private let logger: Logger

    /// A log at `path`; the gateway's pools count for it from now on.
    ///
    /// - Throws: ``Failure`` where the file can not be opened, or holds something else.
    package init(path: String, gateway: Gateway, logger: Logger) throws {
        self.path = path
        self.gateway = gateway
        self.logger = logger
        // So that a mistake in the name is told at once and not by a warning a minute later.
        let descriptor = try Self.open(path)
        close(descriptor)
        gateway.pools.countDemand()
    }

    /// Where the writing stands.
    private struct Progress {
        var minute = DemandRecorder.minute
        var pending: [UInt8] = []
        var isFailing = false
    }

    /// Writes until a graceful shutdown, then what there is of the last minute.
    package func run() async throws {
        var progress = await cancelWhenGracefulShutdown { await self.writeEveryMinute() }
        // The gateway has drained: the last minute is as whole as it will be.
        progress.pending += lines(of: progress.minute)
        await write(&progress)
    }

    private func writeEveryMinute() async -> Progress {
        var progress = Progress()
        while !Task.isCancelled {
            // Cut short by the cancellation that ends the loop.
            try? await Task.sleep(for: Self.untilNextMinute)
            let minute = Self.minute
            guard minute != progress.minute else { continue }
            progress.pending += lines(of: progress.minute)
            progress.minute = minute
            await write(&progress)
        }
        return progress
    }

    private func lines(of minute: Int) -> [UInt8] {
        var text = ""
        for pool in gateway.pools.pools {
            guard let figures = pool.takeDemand() else { continue }
            text += DemandLogText.line(minute: minute, function: pool.name, figures)
        }
        return Array(text.utf8)
    }

    /// Writes away from the threads that serve; what can not be written stays for the next time.
    private func write(_ progress: inout Progress) async {
        guard !progress.pending.isEmpty else { return }
        let (path, bytes) = (path, progress.pending)
        do {
            try await NIOThreadPool.singleton.runIfActive { try Self.append(bytes, to: path) }
            progress.isFailing = false
            progress.pending = []
        } catch {
            // Said once, until it works again.
            if !progress.isFailing { logger.warning("the demand log is not written: \(error)") }
            progress.isFailing = true
            guard bytes.count > Self.mostPending else { return }
            // The oldest minutes go.
            let rest = bytes.suffix(Self.mostPending)
            progress.pending = Array(rest[(rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.startIndex)...].dropFirst())
        }
    }

    // MARK: The file

    private static func append(_ bytes: [UInt8], to path: String) throws {
        let descriptor = try open(path)
        defer { close(descriptor) }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        let isEmpty = !isFile || status.st_size == 0
        var rest = (isEmpty ? Array(DemandLogText.head.utf8) + bytes : bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let reason = String(cString: strerror(errno))
                // Half a line would spoil the next one.
                if isFile { ftruncate(descriptor, status.st_size) }
                throw Failure.notOpened(path, reason: reason)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Opens the file for appending, and makes it if it is missing; a line that was cut off at its end is removed.
    private static func open(_ path: String) throws -> CInt {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure.notOpened(path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            return descriptor
        }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let begin = pread(descriptor, &bytes, bytes.count, 0)
        guard begin > 0, bytes.prefix(begin).starts(with: (DemandLogText.magic + "\n").utf8) else {
            close(descriptor)
            throw Failure.anotherFile(path)
        }
        let from = max(0, status.st_size - bytes.count)
        let count = max(0, pread(descriptor, &bytes, bytes.count, from))
        if let end = bytes.prefix(count).lastIndex(of: UInt8(ascii: "\n")), end + 1 < count {
            ftruncate(descriptor, from + end + 1)
        }
        return descriptor
    }

    // MARK: Time

    private static var minute: Int { Int(Duration.sinceEpoch.components.seconds / 60) }

    /// A little beyond the full minute, so that it has surely come.
    private static var untilNextMinute: Duration {
        let now = Duration.sinceEpoch
        let next = Duration.seconds(now.components.seconds / 60 * 60 + 60)
        return next - now + .milliseconds(5)
    }
}
