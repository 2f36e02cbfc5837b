import Foundation

/// What is the matter with a server of a test.
package struct ServerFailure: Error, CustomStringConvertible {
    package let description: String
}

/// The server that tests run: what `SHOPFN_VALKEY_SERVER` names, else `valkey-server` or `redis-server` on the path.
enum ServerExecutable {
    static func find() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["SHOPFN_VALKEY_SERVER"], !named.isEmpty { return named }
        for name in ["valkey-server", "redis-server"] {
            for folder in (environment["PATH"] ?? "/usr/bin").split(separator: ":") {
                let path = "\(folder)/\(name)"
                if FileManager.default.isExecutableFile(atPath: path) { return path }
            }
        }
        throw ServerFailure(
            description: "neither valkey-server nor redis-server is on PATH; set SHOPFN_VALKEY_SERVER"
        )
    }

    /// A folder of a server's own.
    static func makeFolder() throws -> URL {
        let folder = URL(fileURLWithPath: "/tmp/shop-test-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func run(_ executable: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

/// Ends a process as a crash does.
func crash(_ process: Process) {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
}
