import LocalLauncher
import ServiceLifecycle

/// Does something whenever one of some files becomes another: by being written, replaced, or led to by another link,
/// as mounted secrets and configuration are.
struct FileWatch: Service, CustomStringConvertible {
    let description: String
    let paths: [String]
    let onChange: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var known = Self.fingerprint(of: paths)
            while !Task.isCancelled {
                // Cut short by the cancellation that ends the loop.
                try? await Task.sleep(for: .milliseconds(500))
                let current = Self.fingerprint(of: paths)
                guard current != known, !Task.isCancelled else { continue }
                known = current
                await onChange()
            }
        }
    }

    /// Changes when one of the files does.
    static func fingerprint(of paths: [String]) -> String {
        paths.map { ModuleFile(name: "", at: $0)?.identity ?? "missing" }.joined(separator: " ")
    }
}
