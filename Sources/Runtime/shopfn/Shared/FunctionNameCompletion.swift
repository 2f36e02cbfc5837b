import ArgumentParser
import Manifest

/// Completes the names of functions from the manifest that the shell's folder has.
enum FunctionNameCompletion {
    static let kind = CompletionKind.custom { _, _, _ in names() }

    private static func names() -> [String] {
        guard let options = try? ManifestOptions.parse([]), let file = try? options.read(checksModules: false) else {
            return []
        }
        return file.reading.manifest?.functions.map(\.name) ?? []
    }
}
