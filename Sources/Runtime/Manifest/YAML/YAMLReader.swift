import YAML

/// Reads one YAML document into a tree and reports what keeps it from being one.
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
        do throws(YAMLError) {
            var builder = try TreeBuilder(source: source)
            guard let root = try builder.build() else {
                report(.emptyFile, SourcePosition(line: 1, column: 1), "the file is empty", fix: Self.startFix)
                return nil
            }
            diagnostics += builder.diagnostics
            return root
        } catch {
            diagnostics += SyntaxExplanation(error: error, source: source).diagnostics
            return nil
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
}
