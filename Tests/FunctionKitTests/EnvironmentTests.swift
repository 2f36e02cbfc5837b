import FunctionKit
import Testing

@Suite struct EnvironmentTests {
    private let environment = Environment([
        "TEXT": "x", "EMPTY": "", "NUMBER": "42", "NEGATIVE": "-1", "WORD": "forty-two", "YES": "Yes", "NO": "0",
        "SHORT": "1500ms", "LONG": "2h", "BARE": "10", "HUGE": "9223372036854775807h", "UNIT": "s",
    ])

    @Test func valuesAreRead() throws {
        #expect(try environment.string("TEXT") == "x")
        #expect(environment["EMPTY"] == nil)
        #expect(environment.string("EMPTY", default: "y") == "y")
        #expect(try environment.int("NUMBER") == 42)
        #expect(try environment.int("ABSENT", default: 7) == 7)
        #expect(try environment.bool("YES"))
        #expect(try !environment.bool("NO"))
        #expect(try environment.bool("ABSENT", default: true))
        #expect(try environment.duration("SHORT") == .milliseconds(1_500))
        #expect(try environment.duration("LONG") == .seconds(7_200))
        #expect(try environment.duration("ABSENT", default: .seconds(1)) == .seconds(1))
    }

    @Test func whatIsWrongIsSaid() {
        func message(_ read: () throws -> Void) -> String? {
            do {
                try read()
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(message { _ = try environment.string("EMPTY") } == "the environment variable EMPTY is not set")
        #expect(message { _ = try environment.int("ABSENT") } == "the environment variable ABSENT is not set")
        #expect(message { _ = try environment.int("WORD") }?.contains("is 'forty-two'; a whole number") == true)
        #expect(message { _ = try environment.int("NEGATIVE", in: 0...9) }?.contains("must be from 0 to 9") == true)
        #expect(message { _ = try environment.bool("TEXT") }?.contains("write true or false") == true)
        for name in ["BARE", "WORD", "UNIT", "HUGE"] {
            #expect(message { _ = try environment.duration(name) } != nil, "\(name)")
        }
    }

    @Test func aContextSaysAtOnceThatItsStoreIsNamedWrongly() throws {
        #expect(throws: EnvironmentError.self) {
            try FunctionContext(functionName: "f", environment: Environment(["VALKEY_URL": "http://x"]))
        }
        let context = try FunctionContext(functionName: "f", environment: Environment([:]))
        #expect(context.valkey === context.valkey, "one client for all")
    }
}
