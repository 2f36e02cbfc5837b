import Manifest
import Testing

/// One mistake: the manifest, and what is said of it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let yaml: String
    let expected: String
    let message: String
    let fix: String

    init(_ yaml: String, _ expected: String, _ message: String, _ fix: String) {
        self.yaml = yaml
        self.expected = expected
        self.message = message
        self.fix = fix
    }

    var testDescription: String { expected + ": " + message }
}

@Suite struct DiagnosticTests {
    static let head = "version: 1\nservice: shop\n"

    static let mistakes: [Mistake] = [
        // The file.
        Mistake("", "1:1 empty-file", "the file is empty", "version: 1"),
        Mistake("# only a comment\n", "1:1 empty-file", "the file is empty", "version: 1"),
        Mistake("---\n", "2:1 empty-file", "holds nothing", "version: 1"),
        Mistake("null\n", "1:1 empty-file", "holds nothing", "version: 1"),
        Mistake("- a\n", "1:1 wrong-type", "the manifest must be a mapping, and this is a list", "key: value"),
        Mistake("shop\n", "1:1 wrong-type", "this is a single value", "key: value"),
        Mistake(head + "functions: {}\n---\na: 1\n", "4:1 yaml-syntax", "second document", "'---'"),
        Mistake("version: 1\n\u{7}service: x\n", "2:1 not-text", "control character 0x07", "remove it"),
        // YAML.
        Mistake("version: 1\n\tservice: shop\n", "2:1 yaml-syntax", "indented with a tab", "spaces"),
        Mistake("version: [1\n", "2:1 yaml-syntax", "YAML:", "']'"),
        Mistake("version: 1\nservice: a: b\n", "2:11 yaml-syntax", "mapping values are not allowed", "quote"),
        Mistake("version: 1\nservice \"a\n", "3:1 yaml-syntax", "YAML:", "':"),
        Mistake("version: 1\nservice: @a\n", "2:10 yaml-syntax", "cannot start any token", "quote"),
        Mistake("version: 1\nservice: \"\\q\"\n", "2:11 yaml-syntax", "escape", "single quotes"),
        Mistake(head + "functions: {}\nx-a: *nobody\n", "4:6 yaml-syntax", "'*nobody' names an anchor", "x-common"),
        Mistake(head + "x-a: &common 1\nfunctions: *comon\n", "4:12 yaml-syntax", "'*comon'", "'*common'?"),
        Mistake(head + "functions: !Ref {}\n", "3:12 unsupported-yaml", "the tag '!Ref'", "remove"),
        Mistake(head + "functions: {}\n<<: 5\n", "4:5 wrong-type", "'<<' merges a mapping", "*anchor"),
        Mistake(head + "functions: {}\n? [a]\n: 1\n", "4:3 wrong-type", "a key must be a name", "plain text"),
        Mistake(
            withFunction("schedule: */5 * * * *"),
            "9:16 yaml-syntax",
            "YAML:",
            "quote a text that starts with '*'"
        ),
        Mistake(head + "functions: {}\nservice: other\n", "4:1 duplicate-key", "'service' is given", "keep one"),
        // Names and keys.
        Mistake("service: shop\nfunctions: {}\n", "1:1 missing-key", "no 'version'", "version: 1"),
        Mistake("version: 1\nfunctions: {}\n", "1:1 missing-key", "no 'service'", "service: shop"),
        Mistake(head, "1:1 missing-key", "no 'functions'", "functions:"),
        Mistake(head + "functions:\n", "3:1 wrong-type", "'functions' must be a mapping, and this is nothing", "{}"),
        Mistake("version: 2\nservice: s\nfunctions: {}\n", "1:10 unknown-version", "version 2", "newer shopfn"),
        Mistake("version: \"1\"\nservice: s\nfunctions: {}\n", "1:10 wrong-type", "is a text", "remove the quotes"),
        Mistake("version: 1\nservice: Shop\nfunctions: {}\n", "2:10 bad-name", "'Shop' is no name", "'shop'"),
        Mistake("version: 1\nservice: 1shop\nfunctions: {}\n", "2:10 bad-name", "'1shop'", "63 lower-case"),
        Mistake(head + "function: {}\nfunctions: {}\n", "3:1 unknown-key", "no key 'function'", "'functions'?"),
        Mistake(withFunction("timout: 5s"), "9:5 unknown-key", "no key 'timout'", "did you mean 'timeout'?"),
        Mistake(withFunction("max-body: 5Mi"), "9:5 unknown-key", "no key 'max-body'", "did you mean 'maxBody'?"),
        Mistake(withFunction("env: {}"), "9:5 unknown-key", "no key 'env'", "did you mean 'environment'?"),
        Mistake(withFunction("colour: red"), "9:5 unknown-key", "no key 'colour'", "the keys here are module"),
        Mistake(withFunction("timeout: 5s", "timeout: 6s"), "10:5 duplicate-key", "'timeout'", "keep one"),
        Mistake(
            head + "functions:\n  ListProducts: { module: m, handler: H, route: GET /a }\n",
            "4:3 bad-name",
            "'ListProducts' is no name for a function",
            "write 'list-products'"
        ),
        Mistake(
            head + "functions:\n  a-: { module: m, handler: H, route: GET /a }\n",
            "4:3 bad-name",
            "'a-'",
            "63"
        ),
        Mistake(head + "functions:\n  a: 5\n", "4:6 wrong-type", "the function 'a' must be a mapping", "key: value"),
        Mistake(head + "functions:\n  a:\n", "4:3 wrong-type", "this is nothing", "indented"),
        Mistake(
            head + "functions:\n  a: { handler: H, route: GET /a }\n",
            "4:3 missing-key",
            "no 'module'",
            "module:"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, route: GET /a }\n",
            "4:3 missing-key",
            "no 'handler'",
            "handler:"
        ),
        Mistake(head + "functions:\n  a: { module: m, handler: H }\n", "4:3 missing-key", "no 'route'", "GET /path"),
        Mistake(
            head + "functions:\n  a: { module: ../m, handler: H, route: GET /a }\n",
            "4:16 bad-name",
            "'../m'",
            "63"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: h-x, route: GET /a }\n",
            "4:28 bad-name",
            "'h-x'",
            "type name"
        ),
        // Routes and schedules.
        Mistake(withFunction("schedule: every 5s"), "9:5 conflicting-keys", "both a route and a schedule", "keep one"),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, route: get /a }\n",
            "4:38 bad-route",
            "method",
            "GET"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, route: GET a }\n",
            "4:42 bad-route",
            "slash",
            "slash"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, route: 'GET /{a}/{a}' }\n",
            "4:38 bad-route",
            "twice",
            "own"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: 10s }\n",
            "4:41 bad-schedule",
            "'10s' is no schedule",
            "every 10s"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: rate(5 minutes) }\n",
            "4:41 bad-schedule",
            "'rate(5 minutes)' is no schedule",
            "write 'every 5m'"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: '@daily' }\n",
            "4:41 bad-schedule",
            "'@daily' is no schedule",
            "write \"0 0 * * *\""
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: '@every 90s' }\n",
            "4:41 bad-schedule",
            "'@every 90s' is no schedule",
            "write 'every 90s'"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: cron(15 10 ? * MON-FRI *) }\n",
            "4:41 bad-schedule",
            "is no schedule",
            "write \"15 10 * * MON-FRI\""
        ),
        // Days of the week are counted otherwise there, and a year cannot be said here.
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: cron(15 10 ? * 2 *) }\n",
            "4:41 bad-schedule",
            "has 6 fields",
            "write five"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: 0 */5 * * * * }\n",
            "4:41 bad-schedule",
            "is no schedule",
            "write \"*/5 * * * *\""
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: every day }\n",
            "4:41 bad-duration",
            "'day'",
            "unit"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: every 2 h }\n",
            "4:41 bad-schedule",
            "one",
            "every 10s"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: every 1ms }\n",
            "4:41 out-of-range",
            "1s",
            "bounds"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: {} }\n",
            "4:31 missing-key",
            "no 'every'",
            "cron"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: { every: 5s, cron: 1 * * * * } }\n",
            "4:54 conflicting-keys",
            "both 'every' and 'cron'",
            "keep one"
        ),
        Mistake(
            head + "functions:\n  a: { module: m, handler: H, schedule: { cron: 1 * * * *, timezone: Mars! } }\n",
            "4:70 bad-value",
            "'Mars!' is no time zone",
            "Europe/Berlin"
        ),
        // Values.
        Mistake(withFunction("retry: idempotnt"), "9:12 bad-value", "'retry' cannot be", "'idempotent'?"),
        Mistake(withFunction("retry: always"), "9:12 bad-value", "'always'", "idempotent, never"),
        Mistake(withFunction("environment: [A=b]"), "9:18 wrong-type", "'environment' must be a mapping", "key"),
        Mistake(withFunction("environment: { a-b: c }"), "9:20 bad-name", "'a-b'", "letters"),
        Mistake(withFunction("environment: { SHOPFN_X: c }"), "9:20 bad-name", "keeps for itself", "SHOPFN_"),
        Mistake(withFunction("environment: { A: }"), "9:20 wrong-type", "'A' has no value", "\"\""),
        Mistake(withFunction("environment: { A: [b] }"), "9:23 wrong-type", "a single value", "A: "),
        Mistake(withFunction("environment: { A: \"\\0\" }"), "9:23 bad-value", "NUL", "remove"),
        // Scale.
        Mistake(withFunction("scale: { min: 4, max: 2 }"), "9:19 min-above-max", "'min' is 4", "raise 'max' to 4"),
        Mistake(withFunction("scale: { min: 9 }"), "9:19 min-above-max", "8 unless given", "raise 'max' to 9"),
        Mistake(
            withFunction("scale: { max: 2 }", top: "defaults: { scale: { min: 3 } }"),
            "9:19 min-above-max",
            "'min' is 3",
            "lower 'min'"
        ),
        Mistake(withFunction("scale: { max: 0 }"), "9:19 out-of-range", "from 1 to 10000", "bounds"),
        Mistake(withFunction("scale: { policy: magic }"), "9:22 bad-value", "'magic'", "adaptive"),
        Mistake(withFunction("scale: { policy: adaptiv }"), "9:22 bad-value", "'adaptiv'", "'adaptive'?"),
        Mistake(withFunction("scale: { minReplicas: 1 }"), "9:14 unknown-key", "'minReplicas'", "'min'?"),
        Mistake(withFunction("scale: { target: 5 }"), "9:14 unknown-key", "'adaptive' has no key", "concurrency"),
        Mistake(withFunction("scale: { cost: cheap }"), "9:20 bad-value", "'cheap'", "lean, balanced, eager"),
        Mistake(withFunction("scale: { cost: -1 }"), "9:20 out-of-range", "-1", "bounds"),
        Mistake(
            withFunction("scale: { policy: rate, target: many }"),
            "9:36 wrong-type",
            "must be a number",
            "10 or 0.5"
        ),
        Mistake(withFunction("scale: { schedule: always }"), "9:24 wrong-type", "a list of windows", "start"),
        Mistake(
            withFunction("scale: { schedule: [{ start: 0 8 * * *, min: 2 }] }"),
            "9:25 missing-key",
            "no 'end'",
            "end"
        ),
        Mistake(
            withFunction("scale: { schedule: [{ start: 0 8 * * *, end: 0 9 * * *, min: 20 }] }"),
            "9:66 min-above-max",
            "window",
            "raise 'max'"
        ),
    ]

    @Test(arguments: mistakes)
    func isReportedWithItsPlaceAndFix(_ mistake: Mistake) throws {
        let reading = read(mistake.yaml)
        #expect(brief(reading) == [mistake.expected])
        #expect(reading.manifest == nil)
        let diagnostic = try #require(reading.diagnostics.first)
        #expect(diagnostic.message.contains(mistake.message))
        #expect(diagnostic.fix.contains(mistake.fix))
        #expect(!diagnostic.message.hasSuffix(".") && !diagnostic.fix.hasSuffix("."))
    }
}
