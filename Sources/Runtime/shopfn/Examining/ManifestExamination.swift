import Manifest

/// Looks at the manifest, the variables it takes from the environment, and the modules it names.
enum ManifestExamination {
    static func findings(_ file: ManifestFile) -> [Finding] {
        let diagnostics = file.reading.diagnostics
        var findings = diagnostics.map { finding($0, path: file.path) }
        let areas = Set(findings.map(\.area))
        guard let manifest = file.reading.manifest else {
            if !areas.contains(.environment) {
                findings.append(.right(.environment, "no variable is missing that \(file.path) takes from it"))
            }
            return findings
        }
        findings.append(.right(.manifest, "\(file.path) has no mistake in \(manifest.functions.count) functions"))
        findings.append(.right(.environment, "no variable is missing that \(file.path) takes from it"))
        findings.append(.right(.modules, "\(manifest.modules.joined(separator: ", ")) have the handlers named"))
        return findings
    }

    private static func finding(_ diagnostic: Diagnostic, path: String) -> Finding {
        let place = "\(path):\(diagnostic.position.line):\(diagnostic.position.column)"
        return .wrong(
            area(of: diagnostic.code),
            "\(diagnostic.message) (\(place))",
            fix: diagnostic.fix,
            status: .wrongUsage
        )
    }

    private static func area(of code: DiagnosticCode) -> Finding.Area {
        switch code {
        case .unsetVariable: .environment
        case .moduleNotBuilt, .moduleUnusable, .unknownHandler: .modules
        default: .manifest
        }
    }
}
