import Glibc
import JSON

/// A folder with a manifest in which commands are run.
struct Commands {
    struct Result: CustomStringConvertible {
        var status: Int32
        var text: String
        var errors: String

        var description: String { "exit \(status)\n\(text)\n\(errors)" }

        var json: JSONValue {
            get throws {
                do {
                    return try JSONValue(parsing: Array(text.utf8))
                } catch {
                    throw TestFailure("no JSON: \(self)")
                }
            }
        }
    }

    let folder: TemporaryFolder

    init(_ manifest: ProbeManifest) throws {
        folder = try TemporaryFolder()
        try Files.replace(folder("functions.yaml"), manifest.text)
    }

    /// Runs `shopfn` with these arguments in the folder.
    func callAsFunction(
        _ arguments: String...,
        input: String? = nil,
        environment: [String: String] = ["VALKEY_URL": "valkey://127.0.0.1:1"]
    ) throws -> Result {
        try self(arguments, input: input, environment: environment)
    }

    /// Runs `shopfn` with these arguments in the folder.
    func callAsFunction(
        _ arguments: [String],
        input: String? = nil,
        environment: [String: String] = ["VALKEY_URL": "valkey://127.0.0.1:1"]
    ) throws -> Result {
        if let input { try Files.replace(folder("input"), input) }
        let process = try ChildProcess(
            Programs.path("shopfn"),
            arguments,
            environment: environment,
            folder: folder.path,
            input: input == nil ? nil : folder("input")
        )
        guard case .code(let status) = try process.end(within: .seconds(60)) else {
            throw TestFailure("shopfn \(arguments) was ended by a signal: \(process.errorText)")
        }
        return Result(status: status, text: process.text, errors: process.errorText)
    }
}
