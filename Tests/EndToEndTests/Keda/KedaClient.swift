import Glibc
import JSON
import Testing

/// KEDA as a client: Python's gRPC with the messages of KEDA's published interface (`Tests/Fixtures/Keda/keda.py`).
final class KedaClient {
    private let process: ChildProcess
    private let folder: TemporaryFolder
    private let input: CInt
    private var asked = 0

    init() throws {
        let python = try #require(KedaClient.python)
        folder = try TemporaryFolder()
        let path = folder("commands")
        guard mkfifo(path, 0o600) == 0 else { throw TestFailure("mkfifo: \(systemError())") }
        // Open for both, so that neither side waits for the other.
        input = open(path, O_RDWR | O_CLOEXEC)
        guard input >= 0 else { throw TestFailure("open \(path): \(systemError())") }
        process = try ChildProcess(python, [KedaClient.fixtures + "/keda.py"], input: path)
    }

    deinit {
        process.signal(SIGKILL)
        close(input)
    }

    /// One command, and what came of it.
    func callAsFunction(_ command: JSONValue) throws -> JSONValue {
        var rest = try command.serialized() + [UInt8(ascii: "\n")]
        while !rest.isEmpty {
            let count = write(input, rest, rest.count)
            guard count > 0 else { throw TestFailure("the client takes no command: \(systemError())") }
            rest.removeFirst(count)
        }
        asked += 1
        var answer: Substring?
        try eventually("the client answers \(command)", within: .seconds(90), state: process.errorText) {
            guard process.isRunning else { throw TestFailure("the client ended: \(process.errorText)") }
            let lines = process.text.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count > asked else { return false }
            answer = lines[asked - 1]
            return true
        }
        return try JSONValue(parsing: Array((answer ?? "").utf8))
    }

    /// A Python with gRPC and its compiler; `scripts/ensure keda` makes one.
    static let python: String? = {
        let candidates = [getenv("SHOPFN_KEDA_PYTHON").map { String(cString: $0) }, root + "/.tools/keda/bin/python3"]
        return candidates.compactMap { $0 }.first { access($0, X_OK) == 0 }
    }()

    static let comment: Comment = "skipped: there is no Python with gRPC; 'scripts/ensure keda' makes one"

    private static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(4)
        return parts.joined(separator: "/")
    }()

    private static let fixtures = root + "/Tests/Fixtures/Keda"
}
