/// Makes a manifest of a YAML tree and gathers every mistake on the way.
///
/// Each method reports what is wrong in its part and gives what is right, so that one mistake hides no other.
struct ManifestChecker {
    /// Beyond this many mistakes no more are listed.
    static let mistakeLimit = 500

    let source: SourceText
    let interpolation: Interpolation
    let policies: PolicyCatalog
    let isTimeZone: (String) -> Bool
    private(set) var diagnostics: [Diagnostic] = []
    private var reported: Set<Diagnostic> = []

    init(
        source: SourceText,
        environment: @escaping (String) -> String?,
        policies: PolicyCatalog,
        isTimeZone: @escaping (String) -> Bool
    ) {
        self.source = source
        self.interpolation = Interpolation(lookup: environment)
        self.policies = policies
        self.isTimeZone = isTimeZone
    }

    /// What was found: the functions that are right, with their places.
    struct Findings {
        var service: String?
        var functions: [FunctionDeclaration] = []
        var places: [String: FunctionPlaces] = [:]
        /// Those of functions with other mistakes too.
        var handlers: [HandlerReference] = []
        /// Those of functions with other mistakes too.
        var routes: [RouteReference] = []
    }

    mutating func check(_ root: YAMLNode) -> Findings {
        var findings = Findings()
        if root.isNull {
            report(.emptyFile, root.position, "the manifest holds nothing", fix: YAMLReader.startFix)
            return findings
        }
        guard
            let fields = fields(
                of: root,
                known: ManifestKeys.manifest,
                what: "the manifest",
                allowsExtensions: true
            )
        else { return findings }
        checkVersion(fields["version"], root: root)
        if let entry = required("service", fields, at: root.position, in: "the manifest") {
            findings.service = name(entry, what: "service")
        }
        var defaults = Settings()
        if let entry = fields["defaults"],
            let inner = self.fields(
                of: entry.value,
                known: ManifestKeys.defaults,
                what: "defaults"
            )
        {
            defaults = settings(inner, defaults: Settings())
        }
        if let entry = required("functions", fields, at: root.position, in: "the manifest") {
            checkFunctions(entry, defaults: defaults, into: &findings)
        }
        return findings
    }

    private mutating func checkVersion(_ entry: YAMLEntry?, root: YAMLNode) {
        guard let entry else {
            report(.missingKey, root.position, "the manifest has no 'version'", fix: "add 'version: 1' at the top")
            return
        }
        guard let version = whole(entry, range: 0...1_000_000) else { return }
        guard version.value != Manifest.version else { return }
        report(
            .unknownVersion,
            version.position,
            "version \(version.value) of the manifest is not known to this shopfn",
            fix: "write 'version: 1', or use a newer shopfn"
        )
    }

    private mutating func checkFunctions(_ entry: YAMLEntry, defaults: Settings, into findings: inout Findings) {
        guard let entries = mapping(entry.value, what: "'functions'", at: entry.keyPosition) else { return }
        for entry in entries {
            let nameIsRight = checkFunctionName(entry)
            guard let declaration = function(entry, defaults: defaults, into: &findings), nameIsRight else { continue }
            findings.functions.append(declaration)
        }
        reportRouteConflicts(findings.routes)
    }

    private mutating func checkFunctionName(_ entry: YAMLEntry) -> Bool {
        if Naming.isName(entry.key) { return true }
        report(
            .badName,
            entry.keyPosition,
            "'\(entry.key)' is no name for a function",
            fix: Naming.mended(entry.key).map { "write '\($0)'" } ?? Naming.nameFix
        )
        return false
    }
}

// MARK: - Reporting

extension ManifestChecker {
    mutating func report(
        _ code: DiagnosticCode,
        _ position: SourcePosition,
        _ message: String,
        fix: String,
        related: [Diagnostic.Related] = []
    ) {
        let diagnostic = Diagnostic(code, at: position, message, fix: fix, related: related)
        // A value behind an anchor is read wherever it is used, and is wrong only once.
        guard reported.insert(diagnostic).inserted else { return }
        diagnostics.append(diagnostic)
    }

    mutating func report(_ error: ValueError, at position: SourcePosition) {
        report(error.code, position, error.message, fix: error.fix)
    }
}
