import Manifest
import Testing

@Suite struct InterpolationTests {
    static let variables = ["NAME": "value", "EMPTY": "", "HOST": "db", "N": "4", "EVIL": "x, b: [\n- \"'"]

    private func resolved(_ text: String) throws -> String {
        let reading = read(withFunction("environment: { V: \(text) }"), Self.variables)
        return try #require(reading.manifest?.functions.first?.environment.first?.value)
    }

    @Test(arguments: [
        ("\"${NAME}\"", "value"),
        ("\"a${NAME}b${NAME}c\"", "avaluebvaluec"),
        ("\"${MISSING:-default}\"", "default"),
        ("\"${MISSING:-}\"", ""),
        ("\"${EMPTY:-default}\"", "default"),
        ("\"${EMPTY}\"", ""),
        ("\"${NAME:-default}\"", "value"),
        ("\"$$NAME\"", "$NAME"),
        ("\"$${NAME}\"", "${NAME}"),
        ("\"$$$$\"", "$$"),
        ("\"${MISSING:-http://${HOST}:80/}\"", "http://db:80/"),
        ("\"${A:-${B:-${C:-deep}}}\"", "deep"),
        ("\"${MISSING:-a}b}\"", "ab}"),
        ("\"${EVIL}\"", "x, b: [\n- \"'"),
        ("'${NAME}'", "value"),
        ("\"€ ${NAME} €\"", "€ value €"),
    ])
    func resolves(_ text: String, _ expected: String) throws {
        #expect(try resolved(text) == expected)
    }

    @Test(arguments: [
        ("\"${MISSING}\"", "unset-variable"),
        ("\"${MISSING:-${OTHER}}\"", "unset-variable"),
        ("\"${}\"", "bad-interpolation"),
        ("\"${NAME\"", "bad-interpolation"),
        ("\"${NA ME}\"", "bad-interpolation"),
        ("\"${1A}\"", "bad-interpolation"),
        ("\"${NAME-x}\"", "bad-interpolation"),
        ("\"${NAME:?x}\"", "bad-interpolation"),
        ("\"$NAME\"", "bad-interpolation"),
        ("\"costs 5$\"", "bad-interpolation"),
    ])
    func refuses(_ text: String, _ code: String) {
        let reading = read(withFunction("environment: { V: \(text) }"), Self.variables)
        #expect(brief(reading) == ["9:23 \(code)"])
    }

    @Test func everyUnsetVariableOfAScalarIsNamed() {
        let reading = read(withFunction("environment: { V: \"${A} ${B}\" }"))
        #expect(reading.diagnostics.map(\.message) == ["the variable A is not set", "the variable B is not set"])
        #expect(reading.diagnostics.first?.fix == "set it in the environment, or give a default: ${A:-value}")
    }

    @Test func numbersDurationsAndRoutesMayComeFromVariables() throws {
        let reading = read(
            withFunction("concurrency: ${N}", "queue: \"${Q:-7}\"", "timeout: ${T:-3}s", "scale: { max: \"${N}\" }"),
            Self.variables
        )
        let function = try #require(reading.manifest?.functions.first)
        #expect(function.concurrency == 4 && function.queue == 7 && function.timeout == .seconds(3))
        #expect(function.scale.max == 4)
    }

    @Test func aVariableCannotAddStructure() {
        let reading = read(withFunction("scale: \"${S}\""), ["S": "{ min: 1, max: 2 }"])
        #expect(brief(reading) == ["9:12 wrong-type"])
    }

    @Test func keysAreLeftAlone() {
        let reading = read(withFunction("\"${NAME}\": 5"), Self.variables)
        #expect(brief(reading) == ["9:5 unknown-key"])
    }
}
