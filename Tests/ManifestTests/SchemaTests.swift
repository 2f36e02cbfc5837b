import Foundation
import Manifest
import PythonTestSupport
import Testing

/// `functions.schema.json` and the checker say the same.
@Suite struct SchemaTests {
    /// A manifest in JSON, which is YAML too: both readers are given the very same text.
    private static func function(_ members: String) -> String {
        """
        {"version": 1, "service": "shop", "functions": {"a":
          {"module": "m", "handler": "H", "route": "GET /a"\(members.isEmpty ? "" : ", " + members)}}}
        """
    }

    private static func bare(_ members: String) -> String {
        "{\"version\": 1, \"service\": \"shop\", \"functions\": {\"a\": {\(members)}}}"
    }

    static let right = [
        function(""),
        function("\"timeout\": \"10s\", \"memory\": \"128Mi\", \"maxBody\": \"10MB\", \"queue\": 0"),
        function("\"timeout\": \"${T:-5s}\", \"concurrency\": \"${C:-5}\", \"memory\": \"${M:-64Mi}\""),
        function("\"environment\": {\"A\": \"b\", \"N\": 5, \"B\": true}, \"retry\": \"never\""),
        function("\"scale\": {\"min\": 1, \"max\": 4, \"idle\": \"1m\", \"policy\": \"adaptive\", \"cost\": 0.5}"),
        function("\"scale\": {\"policy\": \"concurrency\", \"target\": 3, \"stable\": \"60s\", \"panic\": \"6s\"}"),
        function("\"scale\": {\"policy\": \"keda\", \"target\": 3, \"polling\": \"30s\", \"cooldown\": \"300s\"}"),
        function("\"scale\": {\"schedule\": [{\"start\": \"0 8 * * *\", \"end\": \"0 9 * * *\", \"min\": 2}]}"),
        bare("\"module\": \"m\", \"handler\": \"H\", \"schedule\": \"every 10s\""),
        bare("\"module\": \"m\", \"handler\": \"H\", \"schedule\": \"*/5 * * * *\""),
        bare("\"module\": \"m\", \"handler\": \"H\", \"schedule\": {\"every\": \"5s\"}"),
        bare(
            "\"module\": \"m\", \"handler\": \"H\", \"schedule\": {\"cron\": \"0 3 * * *\", \"timezone\": \"UTC\"}"
        ),
        "{\"version\": 1, \"service\": \"shop\", \"functions\": {}, \"x-anything\": [1]}",
        "{\"version\": 1, \"service\": \"shop\", \"functions\": {}, \"defaults\": {\"scale\": {\"max\": 5}}}",
    ]

    static let wrong = [
        "[]", "{}", "5",
        "{\"version\": 2, \"service\": \"shop\", \"functions\": {}}",
        "{\"version\": \"1\", \"service\": \"shop\", \"functions\": {}}",
        "{\"version\": 1, \"service\": \"Shop\", \"functions\": {}}",
        "{\"version\": 1, \"service\": \"shop-\", \"functions\": {}}",
        "{\"version\": 1, \"service\": \"shop\", \"functions\": []}",
        "{\"version\": 1, \"service\": \"shop\", \"functions\": {}, \"other\": 1}",
        "{\"version\": 1, \"service\": \"shop\", \"functions\": {}, \"defaults\": {\"module\": \"m\"}}",
        "{\"version\": 1, \"service\": \"shop\", \"functions\": {\"A\": {}}}",
        bare("\"handler\": \"H\", \"route\": \"GET /a\""),
        bare("\"module\": \"m\", \"route\": \"GET /a\""),
        bare("\"module\": \"m\", \"handler\": \"H\""),
        bare("\"module\": \"M\", \"handler\": \"H\", \"route\": \"GET /a\""),
        bare("\"module\": \"m\", \"handler\": \"h-h\", \"route\": \"GET /a\""),
        bare("\"module\": \"m\", \"handler\": \"H\", \"route\": \"/a\""),
        bare("\"module\": \"m\", \"handler\": \"H\", \"route\": \"get /a\""),
        bare("\"module\": \"m\", \"handler\": \"H\", \"schedule\": \"10s\""),
        bare("\"module\": \"m\", \"handler\": \"H\", \"schedule\": {}"),
        bare("\"module\": \"m\", \"handler\": \"H\", \"schedule\": {\"every\": \"5s\", \"timezone\": \"UTC\"}"),
        function("\"schedule\": \"every 10s\""),
        function("\"timeout\": 10"), function("\"timeout\": \"10\""), function("\"timeout\": \"10 s\""),
        function("\"memory\": \"128\""), function("\"memory\": \"128mi\""), function("\"memory\": 128"),
        function("\"concurrency\": 0"), function("\"concurrency\": \"8\""), function("\"concurrency\": 10001"),
        function("\"queue\": -1"), function("\"queue\": 1.5"), function("\"retry\": \"always\""),
        function("\"environment\": [\"A=b\"]"), function("\"environment\": {\"a-b\": \"c\"}"),
        function("\"environment\": {\"SHOPFN_X\": \"c\"}"), function("\"environment\": {\"A\": null}"),
        function("\"environment\": {\"A\": [1]}"), function("\"colour\": 1"), function("\"scale\": []"),
        function("\"scale\": {\"max\": 0}"), function("\"scale\": {\"min\": -1}"),
        function("\"scale\": {\"policy\": \"magic\"}"), function("\"scale\": {\"cost\": \"cheap\"}"),
        function("\"scale\": {\"cost\": -1}"), function("\"scale\": {\"other\": 1}"),
        function("\"scale\": {\"schedule\": {}}"), function("\"scale\": {\"schedule\": [{\"min\": 1}]}"),
        function("\"scale\": {\"policy\": \"rate\", \"target\": \"many\"}"),
    ]

    @Test(arguments: right) func theCheckerAccepts(_ json: String) {
        #expect(read(json).diagnostics == [])
    }

    @Test(arguments: wrong) func theCheckerRefuses(_ json: String) {
        #expect(read(json).manifest == nil)
    }

    @Test(.enabled(if: Project.pythonWithJSONSchema != nil, "needs a Python with jsonschema; 'make test' installs one"))
    func theSchemaSaysTheSame() throws {
        let python = try #require(Project.pythonWithJSONSchema)
        let program = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            print(json.dumps([validator.is_valid(json.loads(text)) for text in json.load(sys.stdin)]))
            """
        let texts = Self.right + Self.wrong
        let input = try JSONEncoder().encode(texts)
        let schema = Project.root.appending(path: "functions.schema.json").path(percentEncoded: false)
        let (status, output) = try Python.run(
            python,
            ["-c", program, schema],
            input: String(decoding: input, as: UTF8.self)
        )
        #expect(status == 0)
        let verdicts = try JSONDecoder().decode([Bool].self, from: Data(output.utf8))
        #expect(verdicts.count == texts.count)
        for (text, verdict) in zip(texts, verdicts) {
            #expect(verdict == Self.right.contains(text), "the schema differs on \(text)")
        }
    }

    @Test func theSchemaHasTheKeysThatTheCheckerKnows() throws {
        let schema = try Project.schema()
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        let function = try #require(definitions["function"])
        let scale = try #require(definitions["scale"])
        func keys(_ object: [String: Any]) -> Set<String> { Set((object["properties"] as? [String: Any] ?? [:]).keys) }
        func property(_ object: [String: Any], _ name: String) -> [String: Any] {
            (object["properties"] as? [String: Any])?[name] as? [String: Any] ?? [:]
        }
        #expect(keys(schema) == Set(ManifestKeys.manifest))
        #expect(keys(property(schema, "defaults")) == Set(ManifestKeys.defaults))
        #expect(keys(function) == Set(ManifestKeys.function))
        let forms = property(function, "schedule")["anyOf"] as? [[String: Any]] ?? []
        #expect(forms.map(keys).contains(Set(ManifestKeys.schedule)))
        #expect(keys(property(scale, "schedule")["items"] as? [String: Any] ?? [:]) == Set(ManifestKeys.scaleWindow))
        let parameters = PolicyCatalog.standard.policies.flatMap { $0.parameters.map(\.key) }
        #expect(keys(scale) == Set(ManifestKeys.scale + parameters))
        let policies = (property(scale, "policy")["anyOf"] as? [[String: Any]])?.first?["enum"] as? [String]
        #expect(Set(policies ?? []) == Set(PolicyCatalog.standard.policies.map(\.name)))
        #expect(property(scale, "policy")["default"] as? String == PolicyCatalog.defaultPolicy)
    }

    @Test func everyKeyOfTheSchemaIsDescribed() throws {
        func undescribed(_ object: [String: Any], _ path: String) -> [String] {
            var found: [String] = []
            for (key, value) in object["properties"] as? [String: [String: Any]] ?? [:] {
                let reference = (value["$ref"] as? String)?.hasPrefix("#/$defs/") == true
                if value["description"] == nil, !reference { found.append("\(path).\(key)") }
                found += undescribed(value, "\(path).\(key)")
            }
            return found
        }
        let schema = try Project.schema()
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        #expect(undescribed(schema, "manifest") == [])
        #expect(definitions.flatMap { undescribed($0.value, $0.key) } == [])
    }

    @Test func theShopsManifestIsRightAndNamesItsSchema() throws {
        let text = try Project.text("functions.yaml")
        #expect(text.hasPrefix("# yaml-language-server: $schema=./functions.schema.json\n"))
        let reading = read(text)
        #expect(reading.diagnostics == [])
        #expect(reading.manifest?.service == "shop")
    }
}
