/// What the machine has of the modules that a manifest names.
package struct ModuleCatalog: Sendable {
    /// A module's executable, as far as it is known.
    package enum State: Sendable, Equatable {
        /// It stands at `path` and holds these handlers.
        case built(path: String, handlers: [String])
        /// None of these places has it.
        case missing(searched: [String])
        /// It stands at `path`, and running it to ask what it holds went wrong.
        case unusable(path: String, reason: String)
    }

    package var modules: [String: State]

    package init(modules: [String: State] = [:]) {
        self.modules = modules
    }

    /// What is known of a module; a module not asked about is missing.
    package subscript(module: String) -> State {
        modules[module] ?? .missing(searched: [])
    }
}

/// Where a function names its module and handler.
struct HandlerReference: Sendable {
    var function: String
    var module: Located<String>
    var handler: Located<String>?
}

/// Compares the handlers a manifest names with those its modules have.
struct ModuleChecker {
    let catalog: ModuleCatalog

    func check(_ references: [HandlerReference]) -> [Diagnostic] {
        var reportedModules: Set<String> = []
        return references.compactMap { reference in
            let module = reference.module.value
            switch catalog[module] {
            case .built(_, let handlers):
                guard let handler = reference.handler, !handlers.contains(handler.value) else { return nil }
                return unknownHandler(handler, module: module, handlers: handlers)
            case .missing(let searched):
                guard reportedModules.insert(module).inserted else { return nil }
                let places = searched.isEmpty ? "" : "; looked in \(searched.joined(separator: ", "))"
                let nearest = NearestName.nearest(to: module, among: built).map { "did you mean '\($0)'? else " } ?? ""
                return Diagnostic(
                    .moduleNotBuilt,
                    at: reference.module.position,
                    "the module '\(module)' is not built\(places)",
                    fix: "\(nearest)run 'swift build -c release --product \(module)', or name its folder with --modules"
                )
            case .unusable(let path, let reason):
                guard reportedModules.insert(module).inserted else { return nil }
                return Diagnostic(
                    .moduleUnusable,
                    at: reference.module.position,
                    "the module '\(module)' at \(path) does not say which handlers it has: \(reason)",
                    fix: "see that '\(path) --describe' works; is it a module made with FunctionKit?"
                )
            }
        }
    }

    /// The names of the modules that are built, in a fixed order.
    private var built: [String] {
        catalog.modules.keys.sorted().filter { if case .built = catalog[$0] { true } else { false } }
    }

    private func unknownHandler(_ handler: Located<String>, module: String, handlers: [String]) -> Diagnostic {
        let nearest = NearestName.nearest(to: handler.value, among: handlers)
        let shown = handlers.prefix(12).joined(separator: ", ") + (handlers.count > 12 ? ", …" : "")
        return Diagnostic(
            .unknownHandler,
            at: handler.position,
            "the module '\(module)' has no handler '\(handler.value)'",
            fix: nearest.map { "did you mean '\($0)'?" }
                ?? (handlers.isEmpty
                    ? "add it to the module's 'Functions { }' list and build it again"
                    : "it has \(shown); add the handler to the module's 'Functions { }' list and build it again")
        )
    }
}
