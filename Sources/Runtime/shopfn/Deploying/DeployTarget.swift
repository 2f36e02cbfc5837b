import ArgumentParser
import Manifest
import Rendering

/// Where a function is deployed to.
enum DeployTarget: String, CaseIterable, ExpressibleByArgument {
    /// Straight to the cluster.
    case cluster
    /// Into the GitOps overlay, from which Argo CD delivers it.
    case git
}

/// What is to be deployed: functions, and perhaps the runtime itself.
struct DeploySelection {
    let functions: [FunctionDeclaration]
    /// Whether gateway, scaler and all they stand on are meant too.
    let hasRuntime: Bool

    /// - Throws: `CommandFailure` for a name that the manifest does not have, and for none at all.
    init(names: [String], all: Bool, manifest: LoadedManifest) throws {
        if all {
            guard names.isEmpty else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "usage",
                    "--all stands beside names",
                    fix: "give names, or --all"
                )
            }
            functions = manifest.manifest.functions
            hasRuntime = true
            return
        }
        guard !names.isEmpty else {
            throw CommandFailure(
                .wrongUsage,
                code: "usage",
                "nothing is named to be deployed",
                fix: "name functions, or give --all"
            )
        }
        var seen: Set<String> = []
        let named = names.filter { seen.insert($0).inserted }
        functions = try named.filter { $0 != ImageAssembly.runtime }.map { try manifest.function(named: $0) }
        hasRuntime = named.contains(ImageAssembly.runtime)
    }

    /// The modules whose images are needed, the runtime's among them.
    var images: [String] {
        var seen: Set<String> = []
        let modules = functions.map(\.module).filter { seen.insert($0).inserted }
        return modules + (hasRuntime ? [ImageAssembly.runtime] : [])
    }
}
