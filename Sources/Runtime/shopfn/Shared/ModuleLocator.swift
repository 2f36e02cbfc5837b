import ChildProcesses
import JSON
import Manifest

/// Finds the executables of modules and asks them which handlers they hold.
struct ModuleLocator {
    /// The folders looked in, in order.
    let folders: [String]

    /// - Parameters:
    ///   - chosen: The folder of `--modules`; then no other is looked in.
    ///   - manifestFolder: The folder of the manifest, under which the package may be built.
    init(chosen: String?, manifestFolder: String) {
        if let chosen {
            folders = [chosen]
            return
        }
        let built = ["release", "debug"].map { FileSystem.join(manifestFolder, ".build/\($0)") }
        folders = (FileSystem.programFolder.map { [$0] } ?? []) + built
    }

    /// The module's executable, or nothing when no folder has it.
    func path(of module: String) -> String? {
        folders.map { FileSystem.join($0, module) }.first { FileSystem.isExecutable($0) }
    }

    /// What is known of each module after asking it.
    func catalog(of modules: [String]) -> ModuleCatalog {
        var catalog = ModuleCatalog()
        for module in modules { catalog.modules[module] = state(of: module) }
        return catalog
    }

    private func state(of module: String) -> ModuleCatalog.State {
        guard let path = path(of: module) else { return .missing(searched: folders) }
        do {
            let result = try ChildProcess.run(path, ["--describe"], milliseconds: 10_000)
            guard result.end == .exited(0) else {
                return .unusable(path: path, reason: Self.reason(result))
            }
            let description = try JSONValue(parsing: result.output)
            guard let handlers = description["handlers"]?.arrayValue?.map(\.stringValue),
                let name = description["module"]?.stringValue
            else { return .unusable(path: path, reason: "its answer has no list of handlers") }
            guard name == module else { return .unusable(path: path, reason: "it says that it is '\(name)'") }
            return .built(path: path, handlers: handlers.compactMap { $0 })
        } catch let failure as ChildProcess.StartFailure {
            return .unusable(path: path, reason: failure.reason)
        } catch let error as JSONParseError {
            return .unusable(path: path, reason: "its answer is no JSON: \(error.message)")
        } catch {
            return .unusable(path: path, reason: "\(error)")
        }
    }

    private static func reason(_ result: ChildProcess.Result) -> String {
        let said = result.errors.split(whereSeparator: \.isNewline).first.map { ": \($0.prefix(200))" } ?? ""
        return switch result.end {
        case .exited(let code): "it exited with \(code)\(said)"
        case .signalled(let signal): "signal \(signal) ended it\(said)"
        case .tookTooLong: "it did not answer within 10 s\(said)"
        case .saidTooMuch: "it printed more than 1 MiB"
        }
    }
}
