import Foundation
import JSON
import PythonTestSupport
import Testing
import YAML

/// PyYAML reads the same events out of the same texts, each at the same place; its parser is not libyaml's.
@Suite struct PeerTests {
    private static let python = Python.having("yaml")

    private static let fragments = [
        "", "---\n", "--- a\n...\n--- b\n", "a", "- a\n-\n- - b\n  - c\n", "a: 1\nb:\n  c: [d, {e: f}, ]\n",
        "base: &base { a: 1 }\nmore:\n  <<: *base\n  b: &b 2\n  c: *b\n  *b : d\n", "? - complex\n: value\n",
        "text: |\n  one\n   two\n\n  three\n\n", "text: >-\n  folded\n  lines\n\n  new\n", "text: |2+\n    kept\n\n",
        "\"a\\tb\\u00e4\\x41\\\n  joined\"\n", "it: 'don''t'\n", "plain text\n  over lines:v # not this\n", "# only\n",
        "!!map { !local a: !!int '3', ! b: c }\n", "%YAML 1.1\n%TAG !e! tag:example.com,2026:\n---\n!e!x y\n",
        "a: b # c\n#d\ne:\n#f\n  - g#h\n", "ключ: значение\n日本: [語, 🛒]\n",
        "[a, [b, {c: d}], &e f]\n",
        "a:\n- b\n- c\nd: e\n", "- &a !!str x\n- !!str &b y\n- *a\n- *b\n", "x: {a: 1, b}\n", "'': ~\n",
        "a: \"\"\r\nb: c\r\n",
    ]

    /// The project's own files, and the fragments.
    private static func texts() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var files = [root.appending(path: "functions.yaml")]
        let walk = FileManager.default.enumerator(at: root.appending(path: "k8s"), includingPropertiesForKeys: nil)
        files += (walk?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "yaml" }
        return try fragments + files.map { try String(contentsOf: $0, encoding: .utf8) }
    }

    private static let script = """
        import json, sys, yaml
        def line(e):
            place = f'{e.start_mark.line + 1}:{e.start_mark.column + 1} '
            if isinstance(e, yaml.DocumentStartEvent): return place + 'document'
            if isinstance(e, yaml.DocumentEndEvent): return 'end'
            if isinstance(e, yaml.StreamEndEvent): return 'stream end'
            if isinstance(e, yaml.AliasEvent): return place + '*' + e.anchor
            if isinstance(e, yaml.CollectionEndEvent): return place + 'close'
            head = place + f'&{e.anchor or ""} {e.tag or ""} '
            if isinstance(e, yaml.ScalarEvent): return head + ('plain ' if not e.style else 'other ') + e.value
            return head + ('list' if isinstance(e, yaml.SequenceStartEvent) else 'mapping')
        print(json.dumps([[line(e) for e in list(yaml.parse(t))[1:]] for t in json.load(sys.stdin)]))
        """

    private func line(_ event: YAMLEvent) -> String {
        let place = "\(event.mark.line):\(event.mark.column) "
        func head(_ properties: YAMLProperties) -> String {
            place + "&\(properties.anchor ?? "") \(properties.tag ?? "") "
        }
        switch event.content {
        case .documentStart: return place + "document"
        case .documentEnd: return "end"
        case .streamEnd: return "stream end"
        case .alias(let name): return place + "*" + name
        case .scalar(let scalar, let properties):
            return head(properties) + (scalar.isPlain ? "plain " : "other ") + scalar.text
        case .sequenceStart(let properties): return head(properties) + "list"
        case .mappingStart(let properties): return head(properties) + "mapping"
        case .sequenceEnd, .mappingEnd: return place + "close"
        }
    }

    @Test(.enabled(if: python != nil, "there is no Python with PyYAML; 'scripts/ensure python' makes one"))
    func bothReadTheSame() throws {
        let texts = try Self.texts()
        let input = "\(JSONValue.array(texts.map { .string($0) }))"
        let (status, output) = try Python.run(try #require(Self.python), ["-c", Self.script], input: input)
        #expect(status == 0)
        let answers = try JSONValue(parsing: Array(output.utf8)).arrayValue ?? []
        try #require(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) {
            var parser = try YAMLParser(text.utf8)
            var lines: [String] = []
            while lines.last != "stream end" { lines.append(line(try parser.next())) }
            #expect(lines == answer.arrayValue?.compactMap(\.stringValue), "\(text)")
        }
    }
}
