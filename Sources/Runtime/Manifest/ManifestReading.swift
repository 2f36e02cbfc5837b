/// What reading a manifest gave: the manifest, or every mistake that keeps it from being one.
package struct ManifestReading: Sendable {
    /// The text that was read, for showing lines of it.
    package let source: SourceText
    /// Every mistake, in the order of the file.
    package private(set) var diagnostics: [Diagnostic]
    /// Where each function that could be read stands.
    package let places: [String: FunctionPlaces]
    private let candidate: Manifest?
    private let handlers: [HandlerReference]

    /// Reads and checks a manifest.
    ///
    /// Pure: all it needs to know of the world is given to it.
    ///
    /// - Parameters:
    ///   - source: The file's text.
    ///   - environment: Gives a variable's value, or nothing when it is not set.
    ///   - policies: The scaling policies a function may choose.
    ///   - isTimeZone: Whether a name is a time zone's; by default only its form is looked at.
    package init(
        _ source: SourceText,
        environment: @escaping (String) -> String?,
        policies: PolicyCatalog = .standard,
        isTimeZone: @escaping (String) -> Bool = TimeZoneName.isWellFormed
    ) {
        self.source = source
        var reader = YAMLReader(source: source)
        guard let root = reader.read() else {
            diagnostics = Self.ordered(reader.diagnostics)
            places = [:]
            candidate = nil
            handlers = []
            return
        }
        var checker = ManifestChecker(
            source: source,
            environment: environment,
            policies: policies,
            isTimeZone: isTimeZone
        )
        let findings = checker.check(root)
        diagnostics = Self.ordered(reader.diagnostics + checker.diagnostics)
        places = findings.places
        handlers = findings.handlers
        candidate = findings.service.map { Manifest(service: $0, functions: findings.functions) }
    }

    /// The manifest; nothing when there is any mistake.
    package var manifest: Manifest? { diagnostics.isEmpty ? candidate : nil }

    /// The modules that functions name, wrong functions included, each once.
    package var modules: [String] {
        var seen: Set<String> = []
        return handlers.map(\.module.value).filter { seen.insert($0).inserted }
    }

    /// Adds what is wrong between the manifest and the modules that are built.
    package mutating func check(modules: ModuleCatalog) {
        diagnostics = Self.ordered(diagnostics + ModuleChecker(catalog: modules).check(handlers))
    }

    /// The mistakes in the order of the file, each once, and no more than a reader can use.
    private static func ordered(_ found: [Diagnostic]) -> [Diagnostic] {
        var seen: Set<Diagnostic> = []
        let sorted = found.filter { seen.insert($0).inserted }.enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }.map(\.element)
        guard sorted.count > ManifestChecker.mistakeLimit, let last = sorted.last else { return sorted }
        let more = Diagnostic(
            .tooManyMistakes,
            at: last.position,
            "\(sorted.count - ManifestChecker.mistakeLimit) more mistakes are not listed",
            fix: "mend these first"
        )
        return sorted.prefix(ManifestChecker.mistakeLimit) + [more]
    }
}

/// Where a function stands in its manifest.
package struct FunctionPlaces: Sendable, Hashable {
    /// Its name, which is its key.
    package var name: SourcePosition
    package var module: SourcePosition
    package var handler: SourcePosition
    /// The value of its route or schedule.
    package var trigger: SourcePosition
}
