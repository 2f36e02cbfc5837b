import Glibc

/// The executables that are tested, built into the same folder as the tests.
enum Programs {
    /// The program with this name.
    static func path(_ name: String) throws -> String {
        for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw TestFailure("no executable '\(name)' beside the tests (\(folders)); build the whole package first")
    }

    /// A program of this machine, if it has it.
    static func installed(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private static let folders: [String] = {
        // Commands run in other folders: a relative path would lead nowhere.
        var candidates = CommandLine.arguments.filter { $0.hasPrefix("/") && $0.contains(".xctest") }
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        if count > 0 {
            candidates.append(String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return candidates.compactMap { candidate in
            candidate.lastIndex(of: "/").map { String(candidate[..<$0]) }
        }
    }()
}
