import ChildProcesses
import Deployment
import ImageFormat
import JSON
import Manifest
import Rendering

/// Sets images in the GitOps overlay, from which Argo CD delivers them.
struct GitDelivery {
    /// The manifest's folder, which is in a working tree of Git.
    let folder: String
    let manifest: Manifest
    /// Below the folder.
    var tree = "k8s"

    /// A file that is to change.
    struct Change {
        var path: String
        /// Nothing where the file is to be made.
        var before: String?
        /// Nothing where the file is to go.
        var after: String?
    }

    private var files: TreeFiles { TreeFiles(top: FileSystem.join(folder, tree)) }

    /// The changes that make functions run images: a whole module's at once where all its functions are meant, else each
    /// function by itself, so that no other changes.
    func changes(_ selection: DeploySelection, images: [String: ImageReference]) throws -> [Change] {
        let source = try git("rev-parse", "HEAD")
        let chosen = Set(selection.functions.map(\.name))
        var changes: [Change] = []
        for module in selection.images {
            guard let image = images[module], let digest = image.digest else { continue }
            let pin = ImagePin(module: module, repository: image.name, digest: digest.description, source: source)
            let functions = manifest.functions.filter { $0.module == module }
            if functions.allSatisfy({ chosen.contains($0.name) }) {
                try add(RenderedTree.eksImagePath(module), pin.componentText, to: &changes)
                for function in functions { try addFunction(function, pin: nil, to: &changes) }
            } else {
                for function in functions where chosen.contains(function.name) {
                    try addFunction(function, pin: pin, to: &changes)
                }
            }
        }
        return changes
    }

    /// The change that takes a function back to the image it ran before, by the history of its file.
    func rollback(_ function: FunctionDeclaration) throws -> Change {
        let own = RenderedTree.eksFunctionPath(function.name)
        let isPinned = files.read(own).flatMap { ImagePin(reading: $0) } != nil
        let path = isPinned ? own : RenderedTree.eksImagePath(function.module)
        guard let before = files.read(path), let current = ImagePin(reading: before) else {
            throw CommandFailure(
                .wrongUsage,
                code: "not-deployed",
                "\(function.name) was not delivered yet: \(tree)/\(path) names no digest",
                fix: "deploy it first"
            )
        }
        let commits = try git("log", "--format=%H", "--max-count=100", "--", "\(tree)/\(path)")
        for commit in commits.split(separator: "\n") {
            guard let text = try? git("show", "\(commit):./\(tree)/\(path)"), let pin = ImagePin(reading: text),
                pin.digest != current.digest
            else { continue }
            // Only this function goes back: the others of its module keep what they run.
            var changes: [Change] = []
            try addFunction(function, pin: pin, to: &changes)
            if let change = changes.first { return change }
        }
        throw CommandFailure(
            .wrongUsage,
            code: "no-previous",
            "\(function.name) ran no other image before, as far as Git remembers",
            fix: "deploy the image that is meant"
        )
    }

    /// The changes that take functions out of all that is delivered: the tree as it is rendered without them.
    func removal(_ names: [String]) throws -> [Change] {
        var rest = manifest
        rest.functions.removeAll { names.contains($0.name) }
        let isKeda = files.read("base/keda-scaler.yaml") != nil
        let shop = ShopObjects(rest, settings: RenderSettings(scaler: isKeda ? .keda : .shopfn))
        var pins = files.pins()
        for name in names {
            guard files.read(RenderedTree.eksFunctionPath(name)) != nil else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "not-deployed",
                    "\(tree)/\(RenderedTree.eksFunctionPath(name)) is not there: \(name) is not delivered from here; "
                        + "nothing was changed",
                    fix: "\(tree)/overlays/eks/functions has a folder for each function that is"
                )
            }
            pins[name] = nil
        }
        let differences = files.compare(RenderedTree(shop, pins: pins))
        // The shop's name on the internet and its load balancer are said when rendering, and no function's.
        let written = differences.written.filter { $0.path != "overlays/eks/ingress.yaml" }
        return written.map { Change(path: $0.path, before: files.read($0.path), after: $0.text) }
            + differences.removed.map { Change(path: $0, before: files.read($0), after: nil) }
    }

    /// Writes changes, all or none, and commits them if that is asked for.
    func write(_ changes: [Change], subject: String, commits: Bool) throws -> String? {
        var transaction = FileTransaction()
        for change in changes {
            let path = FileSystem.join(folder, "\(tree)/\(change.path)")
            switch (change.before, change.after) {
            case (let before?, let after?): transaction.replace(path, before, by: after)
            case (let before?, nil): transaction.remove(path, before)
            case (nil, let after?): try transaction.create(path, after)
            case (nil, nil): break
            }
        }
        try transaction.commit()
        guard commits, !changes.isEmpty else { return nil }
        let paths = changes.map { "\(tree)/\($0.path)" }
        do {
            _ = try git(["commit", "--quiet", "--message", subject, "--"] + paths)
        } catch {
            // What is not committed must not lie about as if it were somebody's own work.
            for change in changes {
                let path = FileSystem.join(folder, "\(tree)/\(change.path)")
                if let before = change.before {
                    try? FileSystem.makeFolders(FileSystem.folder(of: path))
                    try? FileSystem.replace(path, with: Array(before.utf8))
                } else {
                    try? FileSystem.remove(path)
                }
            }
            throw error
        }
        return try git("rev-parse", "HEAD")
    }

    private func addFunction(_ function: FunctionDeclaration, pin: ImagePin?, to changes: inout [Change]) throws {
        let text = RenderedTree.eksFunctionFile(function, pin: pin)
        try add(RenderedTree.eksFunctionPath(function.name), text, to: &changes)
    }

    private func add(_ path: String, _ text: String, to changes: inout [Change]) throws {
        guard let before = files.read(path) else {
            throw CommandFailure(
                .wrongUsage,
                code: "not-rendered",
                "\(tree)/\(path) is not there",
                fix: "run 'shopfn render --output \(tree)' and commit the result first"
            )
        }
        if before != text { changes.append(Change(path: path, before: before, after: text)) }
    }

    private func git(_ arguments: String...) throws -> String { try git(arguments) }

    private func git(_ arguments: [String]) throws -> String {
        guard let program = FileSystem.program(named: "git") else {
            throw CommandFailure(.wrongUsage, code: "no-git", "git is not on the PATH", fix: "install it")
        }
        let result: ChildProcess.Result
        do {
            result = try ChildProcess.run(program, ["-C", folder] + arguments, milliseconds: 60_000)
        } catch {
            throw CommandFailure(.unreachable, code: "git", "git cannot be run: \(error.reason)", fix: "reinstall it")
        }
        guard result.end == .exited(0) else {
            let said = result.errors.split(whereSeparator: \.isNewline).first.map(String.init) ?? "\(result.end)"
            throw CommandFailure(
                .unreachable,
                code: "git",
                "'git \(arguments.first ?? "")' failed: \(said)",
                fix: "\(folder) must be in a working tree of Git, with name and e-mail set for commits"
            )
        }
        var text = String(decoding: result.output, as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
