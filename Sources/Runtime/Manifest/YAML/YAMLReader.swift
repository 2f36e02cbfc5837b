import Yams

/// Reads one YAML document into a tree and reports what keeps it from being one.
///
/// The parser stops at the first duplicate key it finds. So that every mistake of a file is reported at once,
/// each duplicate it names is masked (`MaskedText`) and the text parsed again; the tree then holds all of them.
struct YAMLReader {
    /// The largest manifest accepted, in bytes: some 60,000 functions.
    static let largestSize = 8 << 20
    /// How many mappings and lists may stand within each other.
    static let greatestDepth = 24

    private let source: SourceText
    private(set) var diagnostics: [Diagnostic] = []

    init(source: SourceText) {
        self.source = source
    }

    /// The document's root, or nothing where the text is no document; `diagnostics` then says why.
    mutating func read() -> YAMLNode? {
        guard checkBytes() else { return nil }
        guard var masked = MaskedText(String(decoding: source.bytes, as: UTF8.self)) else {
            report(
                .notText,
                SourcePosition(line: 1, column: 1),
                "the file uses nearly every private-use character",
                fix: "check that this is a manifest"
            )
            return nil
        }
        while true {
            do {
                // The basic resolver guesses no types, so that keys compare as text and large files stay cheap.
                let parser = try Parser(yaml: masked.string, resolver: .basic, encoding: .utf8)
                guard let root = try parser.singleRoot() else {
                    report(.emptyFile, SourcePosition(line: 1, column: 1), "the file is empty", fix: Self.startFix)
                    return nil
                }
                // The parser owns the anchors' names, so it must outlive the building of the tree.
                return withExtendedLifetime(parser) {
                    var builder = TreeBuilder(source: source, masked: masked)
                    let tree = builder.build(root)
                    diagnostics += builder.diagnostics
                    return tree
                }
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let position = SourcePosition(line: context.mark.line, column: context.mark.column)
                guard masked.maskKey(at: position) else {
                    let names = keys.map { "'\(masked.text($0))'" }.joined(separator: ", ")
                    report(
                        .duplicateKey,
                        position,
                        "the key \(names) stands more than once in this mapping",
                        fix: "keep one of them"
                    )
                    return nil
                }
            } catch {
                diagnostics += syntaxError(error)
                return nil
            }
        }
    }

    static let startFix = "begin with 'version: 1', 'service: NAME' and 'functions:'"

    private mutating func report(
        _ code: DiagnosticCode,
        _ position: SourcePosition,
        _ message: String,
        fix: String
    ) {
        diagnostics.append(Diagnostic(code, at: position, message, fix: fix))
    }

    /// Refuses what is not text before a parser sees it.
    private mutating func checkBytes() -> Bool {
        let start = SourcePosition(line: 1, column: 1)
        guard source.bytes.count <= Self.largestSize else {
            let size = source.bytes.count >> 20
            report(
                .fileTooLarge,
                start,
                "the file has \(size) MiB, more than the \(Self.largestSize >> 20) MiB a manifest may have",
                fix: "split the service, or check that this is the right file"
            )
            return false
        }
        if let offset = source.firstInvalidByte {
            let byte = String(source.bytes[offset], radix: 16, uppercase: true)
            report(
                .notText,
                source.position(ofByte: offset),
                "the byte 0x\(byte.count < 2 ? "0" : "")\(byte) is not valid UTF-8",
                fix: "save the file as UTF-8"
            )
            return false
        }
        let controls = source.bytes.indices.filter { index in
            let byte = source.bytes[index]
            return (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D) || byte == 0x7F
        }
        for offset in controls.prefix(20) {
            let byte = String(source.bytes[offset], radix: 16, uppercase: true)
            report(
                .notText,
                source.position(ofByte: offset),
                "the control character 0x\(byte.count < 2 ? "0" : "")\(byte) cannot stand in YAML",
                fix: "remove it, or write it as \"\\x\(byte.count < 2 ? "0" : "")\(byte)\" within double quotes"
            )
        }
        return controls.isEmpty
    }

    /// Says in a reader's words what the parser found.
    private func syntaxError(_ error: any Error) -> [Diagnostic] {
        let start = SourcePosition(line: 1, column: 1)
        guard let error = error as? YamlError else {
            return [Diagnostic(.yamlSyntax, at: start, "\(error)", fix: "correct the YAML")]
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let explanation = SyntaxExplanation(
                context: context.map { ($0.text, SourcePosition(line: $0.mark.line, column: $0.mark.column)) },
                problem: problem,
                position: SourcePosition(line: mark.line, column: mark.column),
                source: source
            )
            return explanation.diagnostics
        case .reader(let problem, _, _, _):
            return [Diagnostic(.notText, at: start, problem, fix: "save the file as UTF-8 text")]
        default:
            return [Diagnostic(.yamlSyntax, at: start, "\(error)", fix: "correct the YAML")]
        }
    }
}
